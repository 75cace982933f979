package conv

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkConv has the shapes of the library's list of benchmark cases.
func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name string
		s    Shape
	}{
		{"3x3-64-64/n16-96", shape(16, 96, 96, 64, 3, 3, 64, 1, 1, 1, 1)},
		{"3x3-64-64/n16-24", shape(16, 24, 24, 64, 3, 3, 64, 1, 1, 1, 1)},
		{"3x3-64-256/n16-24", shape(16, 24, 24, 64, 3, 3, 256, 1, 1, 1, 1)},
		{"3x3-512-512/n8-12", shape(8, 12, 12, 512, 3, 3, 512, 1, 1, 1, 1)},
		{"9x9-3-64/n16-24", shape(16, 24, 24, 3, 9, 9, 64, 1, 4, 1, 1)},
		{"9x9-64-3/n16-96", shape(16, 96, 96, 64, 9, 9, 3, 1, 4, 1, 1)},
		{"5x5s2-64-128/n64-32", shape(64, 32, 32, 64, 5, 5, 128, 2, 2, 1, 1)},
		{"4x4s2-64-128/n64-32", shape(64, 32, 32, 64, 4, 4, 128, 2, 1, 1, 1)},
		{"7x7-64-64/n128-32", shape(128, 32, 32, 64, 7, 7, 64, 1, 3, 1, 1)},
		{"convt-4x4s2-256-128/n64-8", shape(64, 16, 16, 128, 4, 4, 256, 2, 1, 1, 1)},
		{"convt-4x4s2-256-128/n64-16", shape(64, 32, 32, 128, 4, 4, 256, 2, 1, 1, 1)},
		{"4x4s2-128-256/n64-16", shape(64, 16, 16, 128, 4, 4, 256, 2, 1, 1, 1)},
		{"4x4s2-256-512/n64-8", shape(64, 8, 8, 256, 4, 4, 512, 2, 1, 1, 1)},
		{"4x4s2-512-1024/n64-8", shape(64, 8, 8, 512, 4, 4, 1024, 2, 1, 1, 1)},
		{"7x7-5-64/n128-32", shape(128, 32, 32, 5, 7, 7, 64, 1, 3, 1, 1)}, // the ends of LAPGAN
		{"5x5-64-3/n128-32", shape(128, 32, 32, 64, 5, 5, 3, 1, 2, 1, 1)},
		{"5x5-4-64/n128-32", shape(128, 32, 32, 4, 5, 5, 64, 1, 0, 1, 1)},
		{"3x3-3-64/n16-96", shape(16, 96, 96, 3, 3, 3, 64, 1, 1, 1, 1)},   // of VGG
		{"4x4s2-3-64/n64-64", shape(64, 64, 64, 3, 4, 4, 64, 2, 1, 1, 1)}, // of DCGAN
	} {
		s := c.s
		r := rand.New(rand.NewPCG(1, 1))
		ny, nx, nw := s.sizes()
		x, w, y := random(r, nx), random(r, nw), random(r, ny)
		for d := range Weight + 1 {
			b.Run(fmt.Sprintf("%s/%v", c.name, d), func(b *testing.B) {
				for b.Loop() {
					switch d {
					case Output:
						Forward(y, x, w, &s)
					case Input:
						GradInput(x, y, w, &s)
					case Weight:
						GradWeight(w, x, y, &s)
					}
				}
				flops := 2 * float64(ny) * float64(s.KH*s.KW*s.Cin/s.Groups)
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
			})
		}
	}
}

func BenchmarkPacked(b *testing.B) {
	for _, size := range []int{128, 256} {
		for _, c := range [][4]int{{9, 3, 64, 4}, {3, 64, 64, 1}, {3, 64, 256, 1}, {9, 64, 3, 4}} {
			s := shape(1, size, size, c[1], c[0], c[0], c[2], 1, c[3], 1, 1)
			b.Run(fmt.Sprintf("%dx%d-%d-%d/%d", c[0], c[0], c[1], c[2], size), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 1))
				in, w := s.operands(Output, r)
				ny, _, _ := s.sizes()
				y := make([]float32, ny)
				packed := Prepare(w, &s, Output)
				ep := &Epilogue{Bias: random(r, s.Cout), Act: Slope, Slopes: []float32{0.2}}
				for b.Loop() {
					packed.Run(y, in, &s, ep)
				}
				b.ReportMetric(2*float64(ny)*float64(s.KH*s.KW*s.Cin)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
			})
		}
	}
}

// BenchmarkBF16 has shapes of the algorithms that may round to bfloat16, without and with that.
func BenchmarkBF16(b *testing.B) {
	for _, c := range []struct {
		name string
		s    Shape
	}{
		{"1x1-256-256/n8-28", shape(8, 28, 28, 256, 1, 1, 256, 1, 0, 1, 1)},
		{"3x3s2-64-64/n8-96", shape(8, 96, 96, 64, 3, 3, 64, 2, 1, 1, 1)}, // of the discriminator of SRGAN
		{"3x3s2-256-256/n8-24", shape(8, 24, 24, 256, 3, 3, 256, 2, 1, 1, 1)},
		{"3x3d2-64-64/n8-48", shape(8, 48, 48, 64, 3, 3, 64, 1, 2, 2, 1)},
	} {
		r := rand.New(rand.NewPCG(1, 1))
		ny, nx, nw := c.s.sizes()
		x, w, y := random(r, nx), random(r, nw), random(r, ny)
		for d, run := range map[Direction]func(s *Shape){
			Output: func(s *Shape) { Forward(y, x, w, s) },
			Input:  func(s *Shape) { GradInput(x, y, w, s) },
			Weight: func(s *Shape) { GradWeight(w, x, y, s) },
		} {
			for _, s := range withBF16(c.s) {
				b.Run(fmt.Sprintf("%s/%v/bf16=%v", c.name, d, s.BF16), func(b *testing.B) {
					for b.Loop() {
						run(&s)
					}
					flops := 2 * float64(ny) * float64(s.KH*s.KW*s.Cin/s.Groups)
					b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
				})
			}
		}
	}
}
