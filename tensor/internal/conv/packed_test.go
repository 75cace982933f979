package conv

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// finishRef is the definition of an epilogue.
func finishRef(y []float32, ep *Epilogue, channels int) []float32 {
	out := slices.Clone(y)
	for i := range out {
		if ep.Bias != nil {
			out[i] += ep.Bias[i%channels]
		}
		if ep.Residual != nil {
			out[i] += ep.Residual[i]
		}
		if out[i] < 0 && ep.Act == ReLU {
			out[i] = 0
		}
		if out[i] < 0 && ep.Act == Slope {
			out[i] *= ep.Slopes[i%channels%len(ep.Slopes)]
		}
	}
	return out
}

// A fused or prepared convolution is the plain one and then the epilogue, bit for bit.
func TestFusedAndPacked(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, s := range append(cases[:len(cases):len(cases)], shape(1, 5, 6, 8, 3, 3, 70, 1, 1, 1, 1), shape(1, 3, 9, 16, 3, 3, 16, 1, 1, 1, 1)) {
			for d := range Input + 1 {
				in, w := s.operands(d, r)
				plain := s.compute(t, d, in, w)
				channels := s.Cout
				if d == Input {
					channels = s.Cin
				}
				packed := Prepare(w, &s, d)
				for i, ep := range []*Epilogue{
					{},
					{Bias: random(r, channels)},
					{Act: ReLU},
					{Bias: random(r, channels), Act: Slope, Slopes: []float32{0.2}},
					{Bias: random(r, channels), Residual: random(r, len(plain)), Act: Slope, Slopes: random(r, channels)},
					{Residual: random(r, len(plain))},
				} {
					want := finishRef(plain, ep, channels)
					got := make([]float32, len(plain))
					if d == Output {
						ForwardFused(got, in, w, &s, ep)
					} else {
						GradInputFused(got, in, w, &s, ep)
					}
					require.True(t, slices.Equal(want, got), "%v of %+v by %v: epilogue %d", d, s, Plan(&s, d), i)
					clear(got)
					packed.Run(got, in, &s, ep)
					require.True(t, slices.Equal(want, got), "%v of %+v by %v: packed, epilogue %d", d, s, Plan(&s, d), i)
				}
			}
		}
	})
}

func TestPackedForOtherSizesAndLevels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, s := range cases {
		for d := range Input + 1 {
			_, w := s.operands(d, r)
			packed := Prepare(w, &s, d)
			for _, size := range []int{s.H + 5, 2} {
				o := s
				o.N, o.H, o.W = 2, size, size+1
				o.fit()
				if o.OH < 1 || o.OW < 1 {
					continue
				}
				in, _ := o.operands(d, r)
				levels(t, func(t *testing.T) {
					want := o.compute(t, d, in, w)
					got := make([]float32, len(want))
					packed.Run(got, in, &o, nil)
					require.True(t, slices.Equal(want, got), "%v of %+v", d, o)
				})
			}
			o := s
			o.Cin += o.Groups
			require.Panics(t, func() { packed.Run(nil, nil, &o, nil) })
		}
	}
}

func TestEpilogueKeepsNaN(t *testing.T) {
	levels(t, func(t *testing.T) {
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		s := shape(1, 1, 5, 1, 1, 1, 1, 1, 0, 1, 1)
		y := make([]float32, 5)
		ForwardFused(y, []float32{nan, inf, -inf, 1, -1}, []float32{1}, &s, &Epilogue{Act: ReLU})
		require.True(t, y[0] != y[0])
		require.Equal(t, []float32{inf, 0, 1, 0}, y[1:])
		ForwardFused(y, []float32{nan, inf, -inf, 1, -1}, []float32{1}, &s, &Epilogue{Act: Slope, Slopes: []float32{0.5}})
		require.True(t, y[0] != y[0])
		require.Equal(t, []float32{inf, -inf, 1, -0.5}, y[1:])
	})
}

func TestEpiloguePanicsOnWrongSizes(t *testing.T) {
	s := shape(1, 5, 5, 3, 3, 3, 4, 1, 1, 1, 1)
	ny, nx, nw := s.sizes()
	y, x, w := make([]float32, ny), make([]float32, nx), make([]float32, nw)
	for _, ep := range []Epilogue{
		{Bias: make([]float32, 3)}, {Residual: make([]float32, ny+1)}, {Act: Slope}, {Act: Slope, Slopes: make([]float32, 3)}, {Act: Slope + 1},
	} {
		require.Panics(t, func() { ForwardFused(y, x, w, &s, &ep) })
	}
	require.Panics(t, func() { Prepare(w, &s, Weight) })
}

// Two goroutines may use one set of packed weights, and two networks may run at the same time.
func TestConcurrentUse(t *testing.T) {
	s := shape(2, 20, 20, 16, 3, 3, 24, 1, 1, 1, 1)
	r := rand.New(rand.NewPCG(5, 6))
	in, w := s.operands(Output, r)
	want := s.compute(t, Output, in, w)
	packed := Prepare(w, &s, Output)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got := make([]float32, len(want))
			for range 5 {
				packed.Run(got, in, &s, nil)
				if !slices.Equal(want, got) {
					t.Error("different result")
				}
			}
		})
	}
	wg.Wait()
}

// A result that is written past the caches has the same bits.
func TestStreamedResults(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		for _, s := range []Shape{shape(2, 13, 18, 10, 3, 3, 80, 1, 1, 1, 1), shape(1, 16, 12, 32, 5, 5, 9, 2, 2, 1, 1)} {
			d, channels := Output, s.Cout
			if s.StrideH > 1 {
				d, channels = Input, s.Cin
			}
			in, w := s.operands(d, r)
			want := s.compute(t, d, in, w)
			residual := random(r, len(want))
			for _, ep := range []*Epilogue{nil, {Bias: random(r, channels), Residual: residual, Act: ReLU}, {Act: Slope, Slopes: []float32{0.2}}} {
				want := slices.Clone(want)
				ep.finisher(channels, len(want)).all(want)
				g := s.winograd(d)
				g.fin = ep.finisher(channels, len(want))
				u := make([]float32, g.weightsLen())
				g.weights(u, g.kernels(make([]float32, g.kernelsLen()), w))
				buf := scratch.Get(len(want) + 32)
				got := buf.Data[16:][:len(want)]
				g.stream = true
				require.True(t, g.streamable(got))
				g.blocked(got, in, u)
				require.True(t, slices.Equal(want, got), "%v of %+v", d, s)
				require.False(t, g.streamable(buf.Data[1:]))
			}
		}
	})
}
