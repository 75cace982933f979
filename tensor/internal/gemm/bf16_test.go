package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// bf16Kernel is the kernel for pairs, or none for the test.
func bf16Kernel(t testing.TB) *Kernel {
	k := BF16()
	if k == nil {
		t.Skip("the processor has no instructions for bfloat16")
	}
	return k
}

// roundRef is the definition of rounding to bfloat16: of the two neighbours the nearer one, or the even one.
func roundRef(x float32) float32 {
	b := math.Float32bits(x)
	down, up := math.Float32frombits(b&^0xffff), math.Float32frombits(b&^0xffff+1<<16)
	switch {
	case x != x || math.IsInf(float64(x), 0):
		return x
	case math.Abs(float64(x)) < 0x1p-126:
		return down * 0
	}
	next := math.Abs(float64(up))
	if math.IsInf(next, 0) {
		next = 0x1p128
	}
	away, near := next-math.Abs(float64(x)), math.Abs(float64(x))-math.Abs(float64(down))
	if away < near || away == near && b>>16&1 == 1 {
		return up
	}
	return down
}

func unpair(p float32) (low, high float32) {
	b := math.Float32bits(p)
	return math.Float32frombits(b << 16), math.Float32frombits(b &^ 0xffff)
}

// number returns one of the numbers that are hard to round, or any.
func number(r *rand.Rand) float32 {
	switch r.IntN(4) {
	case 0:
		return math.Float32frombits(r.Uint32()&^0xffff | 0x8000) // in the middle
	case 1:
		hard := []uint32{0, 1 << 31, 1, 0x7fffff, 0x800000, 0x7f7fffff, 0xff7f8000, 0x7f800000, 0xff800000, 0x7f800001, 0x7fffffff, 0xffffffff, 0x7f7f7fff}
		return math.Float32frombits(hard[r.IntN(len(hard))])
	}
	return math.Float32frombits(r.Uint32())
}

func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// Both ways of pairing, in Go and in assembly, at every length past their unroll, round and write nothing else.
func TestPairsAreRounded(t *testing.T) {
	kernels := map[string]*Kernel{"portable": {along: pairAlong, across: pairAcross}}
	if k := BF16(); k != nil {
		kernels["assembly"] = k
	}
	for name, k := range kernels {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			const guard = 16
			for rows := 1; rows <= 5; rows++ {
				for cols := 1; cols <= 70; cols++ {
					ld := cols + r.IntN(3)
					src := make([]float32, (rows-1)*ld+cols)
					for i := range src {
						src[i] = number(r)
					}
					at := func(i, j int) float32 {
						if i >= rows || j >= cols {
							return 0
						}
						return roundRef(src[i*ld+j])
					}
					h := Pairs(cols)
					dst := random(r, guard+rows*h+guard)
					before := slices.Clone(dst)
					k.PairAlong(dst[guard:len(dst)-guard], src, rows, cols, ld)
					for i := range rows * h {
						low, high := unpair(dst[guard+i])
						p, q := at(i/h, i%h*2), at(i/h, i%h*2+1)
						require.True(t, same(p, low) && same(q, high), "along %d×%d, pair %d: %v %v of %v %v", rows, cols, i, low, high, p, q)
					}
					require.True(t, slices.Equal(before[:guard], dst[:guard]) && slices.Equal(before[guard+rows*h:], dst[guard+rows*h:]))

					h = Pairs(rows)
					dst = random(r, guard+h*cols+guard)
					before = slices.Clone(dst)
					k.PairAcross(dst[guard:len(dst)-guard], src, rows, cols, ld)
					for i := range h * cols {
						low, high := unpair(dst[guard+i])
						p, q := at(i/cols*2, i%cols), at(i/cols*2+1, i%cols)
						require.True(t, same(p, low) && same(q, high), "across %d×%d, pair %d: %v %v of %v %v", rows, cols, i, low, high, p, q)
					}
					require.True(t, slices.Equal(before[:guard], dst[:guard]) && slices.Equal(before[guard+h*cols:], dst[guard+h*cols:]))
				}
			}
		})
	}
}

// The kernels give the bits of two additions a pair, each with one rounding, whatever the tile.
func TestPairsAreSummedInOrder(t *testing.T) {
	kern := bf16Kernel(t)
	r := rand.New(rand.NewPCG(3, 4))
	add := func(x, y, sum float32) float32 { return float32(math.FMA(float64(x), float64(y), float64(sum))) }
	for m := 1; m <= 30; m++ {
		for _, n := range []int{1, 5, 16, 17, 31, 32, 50} {
			for _, k := range []int{1, 2, 3, 4, 5, 6, 9} {
				a, b := make([]float32, m*k), make([]float32, k*n)
				pairAlong(a, random(r, 2*m*k))
				pairAlong(b, random(r, 2*k*n))
				panels := make([]float32, kern.PackedLen(k, n))
				kern.PackRows(panels, k, 0, b, k, n, n, false)
				bl := Block{A: a, ARow: k, AK: 1, B: panels, BRow: kern.Width, BPanel: k * kern.Width, M: m, N: n, K: k}
				if m%2 == 0 {
					columns := make([]float32, m*k)
					packColumns(columns, a, k, m, m, k)
					bl.A, bl.ARow, bl.AK = columns, 1, m
				}
				bl.C, bl.CRow = make([]float32, m*n), n
				kern.Run(&bl)
				for i, got := range bl.C {
					sum := float32(0)
					for p := range k {
						x0, x1 := unpair(a[i/n*k+p])
						y0, y1 := unpair(b[p*n+i%n])
						sum = add(x0, y0, add(x1, y1, sum))
					}
					require.Equal(t, sum, got, "%d×%d×%d, element %d", m, n, k, i)
				}
			}
		}
	}
}

func TestMulBF16(t *testing.T) {
	bf16Kernel(t)
	r := rand.New(rand.NewPCG(5, 6))
	sizes := []int{0, 1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 17, 29, 31, 32, 33, 63, 65, 90}
	for _, m := range sizes {
		for _, n := range sizes {
			flags := r.IntN(8)
			problem{m, n, sizes[r.IntN(len(sizes))], r.IntN(3), r.IntN(3), r.IntN(3), flags&1 != 0, flags&2 != 0, flags&4 != 0}.
				solveBy(t, r, MulBF16, 0x1.01p-7)
		}
	}
	for i, s := range [][3]int{{90, 70, 1501}, {1, 1500, 400}, {15, 130, 801}, {190, 3, 800}, {20, 300, 41}, {131, 530, 999}} {
		for flags := i % 2; flags < 8; flags += 3 {
			problem{s[0], s[1], s[2], 0, 3, 1, flags&1 != 0, flags&2 != 0, flags&4 != 0}.solveBy(t, r, MulBF16, 0x1.01p-7)
		}
	}
}

// The error that the comment of MulBF16 states.
func TestErrorOfMulBF16(t *testing.T) {
	bf16Kernel(t)
	r := rand.New(rand.NewPCG(7, 8))
	for _, k := range []int{8, 64, 576, 4608} {
		const m, n = 20, 70
		a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
		for i := range a {
			a[i] = float32(r.NormFloat64())
		}
		for i := range b {
			b[i] = float32(r.NormFloat64())
		}
		MulBF16(c, a, b, m, n, k, k, n, n, false, false, false)
		want, _ := mulRef(a, b, m, n, k, k, n, false, false)
		var squares, worst float64
		for i, v := range c {
			scale := 0.0
			for p := range k {
				scale += math.Pow(float64(a[i/n*k+p])*float64(b[p*n+i%n]), 2)
			}
			e := math.Abs(float64(v)-want[i]) / math.Sqrt(scale)
			squares += e * e
			worst = max(worst, e)
		}
		mean := math.Sqrt(squares / float64(len(c)))
		t.Logf("k %d: %.2e of √Σ(a·b)² in the mean, at most %.2e", k, mean, worst)
		require.InDelta(t, 0.6*0x1p-8, mean, 0.03*0x1p-8)
		require.Less(t, worst, 5*mean)
	}
}

func BenchmarkMulBF16(b *testing.B) {
	bf16Kernel(b)
	for _, s := range [][3]int{{512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048}, {9216, 64, 576}, {64, 8192, 4608}, {16, 1024, 8192}} {
		m, n, k := s[0], s[1], s[2]
		for name, mul := range map[string]mulFunc{"f32": Mul, "bf16": MulBF16} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", m, n, k, name), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 1))
				x, y, c := random(r, m*k), random(r, k*n), make([]float32, m*n)
				for b.Loop() {
					mul(c, x, y, m, n, k, k, n, n, false, false, false)
				}
				rate(b, m, n, k)
			})
		}
	}
}
