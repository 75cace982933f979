package conv

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		s    Shape
		want [3]Algorithm
	}{
		{shape(1, 8, 8, 64, 3, 3, 64, 1, 1, 1, 1), [3]Algorithm{Winograd, Winograd, Winograd}},
		{shape(9, 500, 300, 64, 3, 3, 64, 1, 1, 1, 1), [3]Algorithm{Winograd, Winograd, Winograd}},
		{shape(1, 8, 3, 64, 3, 3, 64, 1, 1, 1, 1), [3]Algorithm{Implicit, Implicit, Implicit}},
		{shape(1, 8, 8, 64, 3, 3, 64, 2, 1, 1, 1), [3]Algorithm{Implicit, Implicit, Implicit}},
		{shape(1, 8, 8, 64, 3, 3, 64, 1, 1, 1, 2), [3]Algorithm{Implicit, Implicit, Implicit}},
		{shape(1, 8, 8, 64, 4, 4, 128, 2, 1, 1, 1), [3]Algorithm{Polyphase, Polyphase, Polyphase}},
		{shape(1, 4, 8, 64, 4, 4, 128, 2, 1, 1, 1), [3]Algorithm{Implicit, Implicit, Implicit}},
		{shape(1, 15, 15, 64, 6, 6, 128, 3, 2, 1, 1), [3]Algorithm{Polyphase, Polyphase, Polyphase}},
		{shape(1, 8, 8, 64, 2, 2, 128, 1, 0, 1, 1), [3]Algorithm{Polyphase, Polyphase, Polyphase}},
		{shape(1, 8, 8, 64, 5, 5, 128, 2, 2, 1, 1), [3]Algorithm{Winograd, Winograd, Winograd}},
		{shape(1, 8, 8, 64, 7, 7, 64, 1, 3, 1, 1), [3]Algorithm{Winograd, Winograd, Winograd}},
		{shape(1, 8, 8, 512, 4, 4, 1024, 2, 1, 1, 1), [3]Algorithm{Polyphase, Polyphase, Polyphase}},
		{shape(1, 1, 66, 384, 1, 4, 512, 1, 0, 1, 1), [3]Algorithm{Sequence, Sequence, Sequence}},
		{shape(9, 1, 7, 32, 1, 4, 32, 1, 0, 1, 1), [3]Algorithm{Sequence, Sequence, Sequence}},
		{shape(1, 1, 66, 40, 1, 4, 512, 1, 0, 1, 1), [3]Algorithm{Implicit, Implicit, Implicit}},
		{shape(1, 1, 66, 32, 1, 4, 32, 2, 0, 1, 1), [3]Algorithm{Implicit, Implicit, Implicit}},
		{shape(1, 8, 8, 3, 9, 9, 64, 1, 4, 1, 1), [3]Algorithm{ToomCook, ToomCook, ToomCook}},
		{shape(1, 8, 8, 64, 9, 9, 3, 1, 4, 1, 1), [3]Algorithm{ToomCook, ToomCook, ToomCook}},
		{shape(1, 8, 8, 64, 3, 3, 3, 1, 1, 1, 1), [3]Algorithm{Narrow, Implicit, Narrow}},
		{shape(1, 4, 4, 64, 4, 4, 228, 1, 0, 1, 1), [3]Algorithm{Implicit, Pointwise, Implicit}},
		{shape(1, 8, 8, 64, 1, 1, 30, 1, 0, 1, 1), [3]Algorithm{Pointwise, Pointwise, Pointwise}},
		{shape(1, 8, 8, 64, 3, 3, 64, 1, 1, 1, 64), [3]Algorithm{Depthwise, Depthwise, Depthwise}},
	} {
		for d := range Weight + 1 {
			require.Equal(t, c.want[d], Plan(&c.s, d), "%v of %+v", d, c.s)
		}
	}
}

// Every kernel position is a tap of exactly one piece, and meets the source where the convolution does.
func TestPieces(t *testing.T) {
	for kernel := 1; kernel <= 11; kernel++ {
		for stride := 1; stride <= 4; stride++ {
			for pad := -3; pad <= 5; pad++ {
				seen := make([]int, kernel)
				pieces := forwardPieces(kernel, stride, pad)
				require.Len(t, pieces, countPieces(kernel, stride))
				for _, a := range pieces {
					for i, p := range a.taps[0] {
						if p >= 0 {
							seen[p]++
							require.Equal(t, p-pad, a.origin+i*stride)
						}
					}
				}
				for _, a := range inputPieces(kernel, stride, pad) {
					for r, taps := range a.taps {
						for i, p := range taps {
							if p >= 0 {
								seen[p]++
								require.Equal(t, r, (a.origin+i)*stride+p-pad)
							}
						}
					}
				}
				for p, n := range seen {
					require.Equal(t, 2, n, "position %d of %d, stride %d, padding %d", p, kernel, stride, pad)
				}
			}
		}
	}
}

// What the comment of Winograd says about its errors, for sums of 576 products of values in ±½.
func TestWinogradError(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		s := shape(1, 24, 24, 64, 3, 3, 8, 1, 1, 1, 1)
		rms := func(got []float32, want []float64) (rms, worst float64) {
			for i, v := range got {
				e := math.Abs(float64(v) - want[i])
				rms += e * e
				worst = max(worst, e)
			}
			return math.Sqrt(rms / float64(len(got))), worst
		}
		for _, d := range []Direction{Output, Weight} {
			a, b := s.operands(d, r)
			want, _ := s.reference(d, a, b)
			fast, worst := rms(s.compute(t, d, a, b), want)
			direct := make([]float32, len(want))
			if d == Output {
				s.implicit(d, direct, a, b, nil, nil)
			} else {
				s.implicitWeight(direct, a, b)
			}
			plain, _ := rms(direct, want)
			t.Logf("%v: rms error %.2g, worst %.2g; implicit %.2g", d, fast, worst, plain)
			require.Less(t, fast, 4*plain)
			require.Less(t, worst, 3e-5)
		}
	})
}

// The table of errors, against sums in float64 of products of normal values: in units of the root of the sum of the squares
// of an element's products, the root of the mean square and the worst. go test -v -run TestErrors prints it.
func TestErrors(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, c := range []struct {
			s          Shape
			rms, worst float64
		}{
			{shape(1, 16, 16, 64, 1, 1, 64, 1, 0, 1, 1), 4e-7, 3e-6},
			{shape(1, 16, 16, 64, 3, 3, 64, 2, 1, 1, 1), 4e-7, 3e-6},
			{shape(1, 16, 16, 64, 3, 3, 3, 1, 1, 1, 1), 4e-7, 3e-6},
			{shape(1, 16, 16, 64, 3, 3, 64, 1, 1, 1, 64), 4e-7, 3e-6},
			{shape(1, 16, 16, 64, 3, 3, 16, 1, 1, 1, 1), 1.5e-6, 1.2e-5},
			{shape(1, 16, 16, 64, 7, 7, 16, 1, 3, 1, 1), 2.5e-6, 2e-5},
			{shape(1, 16, 16, 64, 4, 4, 16, 2, 1, 1, 1), 1.5e-6, 1.2e-5},
			{shape(1, 16, 16, 64, 9, 9, 3, 1, 4, 1, 1), 1.5e-6, 1.2e-5},
			{shape(1, 16, 16, 5, 7, 7, 64, 1, 3, 1, 1), 1.5e-6, 1.2e-5},
			{lineShape(4, 1, 67, 64, 48, 0, 0), 1.5e-6, 1.2e-5},
		} {
			for d := range Weight + 1 {
				s := c.s
				r := rand.New(rand.NewPCG(1, 2))
				a, b := s.operands(d, r)
				for _, v := range [][]float32{a, b} {
					for i := range v {
						v[i] = float32(r.NormFloat64())
					}
				}
				want, _ := s.reference(d, a, b)
				squares := make([]float64, len(want))
				s.terms(func(iy, ix, iw int) {
					at, p, q := [...]int{iy, ix, iw}[d], [...]int{ix, iy, ix}[d], [...]int{iw, iw, iy}[d]
					v := float64(a[p]) * float64(b[q])
					squares[at] += v * v
				})
				rms, worst := 0.0, 0.0
				for i, v := range s.compute(t, d, a, b) {
					if squares[i] > 0 {
						e := math.Abs(float64(v)-want[i]) / math.Sqrt(squares[i])
						rms += e * e / float64(len(want))
						worst = max(worst, e)
					}
				}
				rms = math.Sqrt(rms)
				t.Logf("%-10v %-6v %dx%d stride %d, %d to %d channels: rms %.1e, worst %.1e", Plan(&s, d), d, s.KH, s.KW, s.StrideH, s.Cin, s.Cout, rms, worst)
				require.Less(t, rms, c.rms)
				require.Less(t, worst, c.worst)
			}
		}
	})
}
