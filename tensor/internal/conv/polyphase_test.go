package conv

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every kernel position is a tap of exactly one phase, and meets the source where the convolution does.
func TestPhases(t *testing.T) {
	for stride := 1; stride <= 4; stride++ {
		for kernel := 1; kernel <= 2*stride; kernel++ {
			for pad := -5; pad <= 5; pad++ {
				seen := make([]int, kernel)
				for _, a := range phaseAxes(Output, kernel, stride, pad) {
					for i, p := range a.taps {
						if p >= 0 {
							seen[p]++
							require.Equal(t, p-pad, a.origin+i*stride)
						}
					}
				}
				for r, a := range phaseAxes(Input, kernel, stride, pad) {
					for i, p := range a.taps {
						if p >= 0 {
							seen[p]++
							require.Equal(t, r, (a.origin+i)*stride+p-pad)
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

// With many weights, tiles are transformed before the weights; the bits are the same, the limits of room change nothing, and
// neither does it that weights lie ready.
func TestStagedPhasesAreBlocked(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for _, s := range []Shape{shape(2, 13, 21, 10, 4, 4, 70, 2, 1, 1, 1), shape(3, 12, 16, 140, 4, 4, 36, 2, 1, 1, 1), shape(1, 12, 12, 9, 5, 5, 8, 3, 1, 1, 1)} {
			for d := range Input + 1 {
				in, w := s.operands(d, r)
				ny, nx, _ := s.sizes()
				size := [...]int{ny, nx}[d]
				g := s.polyphase(d)
				u := make([]float32, g.weightsLen())
				g.weights(u, w)
				want := make([]float32, size)
				g.blocked(want, in, u)
				for _, room := range []int{phaseRoom, 1} {
					got := make([]float32, size)
					g.staged(got, in, w, nil, room)
					require.True(t, slices.Equal(want, got), "%v of %+v", d, s)
					clear(got)
					g.staged(got, in, nil, u, room)
					require.True(t, slices.Equal(want, got), "%v of %+v, transformed weights", d, s)
				}
			}
		}
	})
}

// A kernel of so many weights that they are not transformed beforehand.
func TestManyPhaseWeights(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	levels(t, func(t *testing.T) {
		for _, s := range []Shape{shape(2, 8, 8, 200, 4, 4, 180, 2, 1, 1, 1), shape(fewTiles+1, 8, 8, 150, 4, 4, 130, 2, 1, 1, 1)} {
			size := s.Cin * s.Cout
			require.True(t, size > packedWeights || size > phaseWeights && s.polyphase(Output).tiles() > fewTiles)
			for d := range Weight + 1 {
				if s.N == 2 {
					s.verify(t, d, r)
				}
				if d == Weight {
					continue
				}
				in, w := s.operands(d, r)
				want := s.compute(t, d, in, w)
				got := make([]float32, len(want))
				packed := Prepare(w, &s, d)
				packed.Run(got, in, &s, nil)
				require.True(t, slices.Equal(want, got), "%v", d)
				one := s
				one.N = 1
				clear(got)
				packed.Run(got[:len(got)/s.N], in[:len(in)/s.N], &one, nil)
				require.True(t, slices.Equal(want[:len(got)/s.N], got[:len(got)/s.N]), "%v", d)
			}
		}
	})
}

// Tiles that do not fit together are transformed in turn, and what they give to a weight gradient is added up.
func TestPhaseGradientInParts(t *testing.T) {
	levels(t, func(t *testing.T) {
		s := shape(5, 64, 64, 8, 4, 4, 9, 2, 1, 1, 1)
		require.Greater(t, s.polyphase(Output).tiles(), gradientTiles)
		s.verify(t, Weight, rand.New(rand.NewPCG(13, 14)))
		s.KH, s.KW, s.StrideH, s.StrideW, s.H, s.W = 5, 6, 3, 3, 99, 99
		s.fit()
		s.verify(t, Weight, rand.New(rand.NewPCG(13, 14)))
	})
}

// What the comment of Polyphase says about its errors, for sums of 1024 products of values in ±½.
func TestPolyphaseError(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		s := shape(1, 64, 64, 64, 4, 4, 8, 2, 1, 1, 1)
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
			require.Less(t, fast, 2.5*plain)
			require.Less(t, worst, 1.5e-5)
		}
	})
}
