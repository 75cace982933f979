package tensor_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// normRef is the definition of a normalisation and of its gradient, for one channel of one group.
type normRef struct{ mean, variance float64 }

func momentsRef(x []float64) normRef {
	var r normRef
	for _, v := range x {
		r.mean += v / float64(len(x))
	}
	for _, v := range x {
		r.variance += (v - r.mean) * (v - r.mean) / float64(len(x))
	}
	return r
}

// normCase is an input and where its statistics are taken.
type normCase struct {
	name      string
	shape     []int
	perSample bool
	mean, std float64
}

var normCases = []normCase{
	{"image", []int{2, 5, 4, 3}, false, 0.3, 1.7},
	{"instance", []int{3, 5, 4, 3}, true, 0.3, 1.7},
	{"vectors", []int{7, 5}, false, -2, 0.1},
	{"one channel", []int{4, 9, 1}, true, 0, 1},
	{"many blocks", []int{3, 70, 40, 5}, false, 1, 2},
	{"many blocks of each sample", []int{2, 150, 40, 3}, true, 1, 2},
	{"large mean", []int{4, 64, 2}, false, 1e4, 1},
	{"wide", []int{9, 700}, false, 0, 1},
}

// column returns the values of channel ch of group g.
func (c normCase) column(x *tensor.Tensor, g, ch int) (values []float64, at []int) {
	channels := x.Dim(-1)
	per := x.Len() / c.groups() / channels
	for r := range per {
		i := (g*per+r)*channels + ch
		values, at = append(values, float64(x.Data()[i])), append(at, i)
	}
	return values, at
}

func (c normCase) groups() int {
	if c.perSample {
		return c.shape[0]
	}
	return 1
}

func (c normCase) draw(rng *rand.Rand) (x, g, gamma, beta, mean, variance *tensor.Tensor) {
	ch := c.shape[len(c.shape)-1]
	stats := []int{ch}
	if c.perSample {
		stats = []int{c.shape[0], ch}
	}
	x = tensor.Affine(tensor.RandN(rng, c.shape...), float32(c.std), float32(c.mean))
	return x, tensor.RandN(rng, c.shape...), tensor.RandN(rng, ch), tensor.RandN(rng, ch), tensor.New(stats...), tensor.New(stats...)
}

func TestBatchNormAgreesWithTheDefinition(t *testing.T) {
	const eps = 1e-5
	for _, c := range normCases {
		t.Run(c.name, func(t *testing.T) {
			x, g, gamma, beta, mean, variance := c.draw(rand.New(rand.NewPCG(1, 2)))
			tensor.MomentsInto(mean, variance, x)
			y, dx := tensor.New(c.shape...), tensor.New(c.shape...)
			tensor.BatchNormInto(y, x, mean, variance, gamma, beta, eps)
			dgamma, dbeta := tensor.New(gamma.Len()), tensor.New(gamma.Len())
			tensor.BatchNormGradInto(dx, dgamma, dbeta, x, g, mean, variance, gamma, eps)

			// The mean is rounded to float32, and all that depends on it can be off by that.
			slack := 1e-5 + 1e-7*math.Abs(c.mean)/c.std
			for ch := range gamma.Len() {
				var wantGamma, wantBeta float64
				for grp := range c.groups() {
					xs, at := c.column(x, grp, ch)
					gs, _ := c.column(g, grp, ch)
					r := momentsRef(xs)
					i := grp*gamma.Len() + ch
					require.InDelta(t, r.mean, mean.Data()[i], 1e-7*math.Abs(c.mean)+1e-6)
					require.InEpsilon(t, r.variance, float64(variance.Data()[i]), 1e-6)
					inv := 1 / math.Sqrt(r.variance+eps)
					var sum, along float64
					for k, v := range xs {
						hat := (v - r.mean) * inv
						sum += gs[k] / float64(len(xs))
						along += gs[k] * hat / float64(len(xs))
						require.InDelta(t, hat*float64(gamma.Data()[ch])+float64(beta.Data()[ch]), y.Data()[at[k]], 10*slack)
					}
					for k, v := range xs {
						hat := (v - r.mean) * inv
						scale := float64(gamma.Data()[ch]) * inv
						require.InDelta(t, scale*(gs[k]-sum-hat*along), dx.Data()[at[k]], 10*slack*(1+math.Abs(scale)))
					}
					wantGamma += along * float64(len(xs))
					wantBeta += sum * float64(len(xs))
				}
				require.InDelta(t, wantGamma, dgamma.Data()[ch], slack*math.Sqrt(float64(x.Len())))
				require.InDelta(t, wantBeta, dbeta.Data()[ch], slack*math.Sqrt(float64(x.Len())))
			}
		})
	}
}

func TestBatchNormBitsDoNotDependOnTheNumberOfCores(t *testing.T) {
	run := func(c normCase) []float32 {
		x, g, gamma, beta, mean, variance := c.draw(rand.New(rand.NewPCG(1, 2)))
		tensor.MomentsInto(mean, variance, x)
		y, dx := tensor.New(c.shape...), tensor.New(c.shape...)
		dgamma, dbeta := tensor.New(gamma.Len()), tensor.New(gamma.Len())
		tensor.BatchNormInto(y, x, mean, variance, gamma, beta, 1e-5)
		tensor.BatchNormGradInto(dx, dgamma, dbeta, x, g, mean, variance, gamma, 1e-5)
		tensor.ChannelAffineInto(x, x, gamma, beta)
		var all []float32
		for _, v := range []*tensor.Tensor{mean, variance, y, dx, dgamma, dbeta, x} {
			all = append(all, v.Data()...)
		}
		return all
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, c := range normCases {
		runtime.GOMAXPROCS(1)
		want := run(c)
		for _, procs := range []int{2, 3, 8} {
			runtime.GOMAXPROCS(procs)
			require.Equal(t, want, run(c), "%s with %d", c.name, procs)
		}
	}
}

func TestBatchNormWithoutAffineAndInPlace(t *testing.T) {
	c := normCases[0]
	x, g, _, _, mean, variance := c.draw(rand.New(rand.NewPCG(1, 2)))
	tensor.MomentsInto(mean, variance, x)
	one, zero := tensor.Full(1, 3), tensor.New(3)
	want, got := tensor.New(c.shape...), tensor.New(c.shape...)
	tensor.BatchNormGradInto(want, nil, nil, x, g, mean, variance, one, 1e-5)
	tensor.BatchNormGradInto(got, nil, nil, x, g, mean, variance, nil, 1e-5)
	require.Equal(t, want.Data(), got.Data())
	tensor.BatchNormInto(want, x, mean, variance, one, zero, 1e-5)
	tensor.BatchNormInto(x, x, mean, variance, nil, nil, 1e-5)
	require.Equal(t, want.Data(), x.Data())
}

func TestBatchNormSpreadsNaN(t *testing.T) {
	x := tensor.RandN(rand.New(rand.NewPCG(1, 2)), 3, 4, 2)
	x.Set(float32(math.NaN()), 1, 2, 0)
	mean, variance := tensor.New(2), tensor.New(2)
	tensor.MomentsInto(mean, variance, x)
	require.True(t, mean.At(0) != mean.At(0) && variance.At(0) != variance.At(0))
	require.True(t, mean.At(1) == mean.At(1) && variance.At(1) > 0)
}

func TestBatchNormPanics(t *testing.T) {
	m, v := tensor.New(3), tensor.New(3)
	for name, f := range map[string]func(){
		"channels": func() { tensor.MomentsInto(m, v, tensor.New(2, 4)) },
		"empty":    func() { tensor.MomentsInto(m, v, tensor.New(0, 3)) },
		"rank":     func() { tensor.MomentsInto(m, v, tensor.New(3)) },
		"samples":  func() { tensor.MomentsInto(tensor.New(3, 3), tensor.New(3, 3), tensor.New(2, 5, 3)) },
		"variance": func() { tensor.MomentsInto(m, tensor.New(2), tensor.New(2, 3)) },
		"result":   func() { tensor.BatchNormInto(tensor.New(3, 3), tensor.New(2, 3), m, v, nil, nil, 1e-5) },
		"gamma":    func() { tensor.BatchNormInto(tensor.New(2, 3), tensor.New(2, 3), m, v, tensor.New(2), nil, 1e-5) },
		"beta":     func() { tensor.BatchNormInto(tensor.New(2, 3), tensor.New(2, 3), m, v, nil, tensor.New(4), 1e-5) },
		"gradient": func() { tensor.BatchNormGradInto(nil, nil, nil, tensor.New(2, 3), tensor.New(3, 3), m, v, nil, 1e-5) },
		"grad gamma": func() {
			tensor.BatchNormGradInto(nil, tensor.New(2), nil, tensor.New(2, 3), tensor.New(2, 3), m, v, nil, 1e-5)
		},
		"affine": func() { tensor.ChannelAffineInto(tensor.New(2, 3), tensor.New(2, 3), m, tensor.New(2)) },
	} {
		require.Panics(t, f, name)
	}
	require.PanicsWithValue(t, "tensor.MomentsInto: want (N,…,C), not empty, and statistics (C) or (N,C), got (2,4) and (3)", func() {
		tensor.MomentsInto(m, v, tensor.New(2, 4))
	})
}

func BenchmarkBatchNorm(b *testing.B) {
	// The body of the super-resolution network on a batch of 16.
	c := normCase{"", []int{16, 24, 24, 64}, false, 0, 1}
	x, g, gamma, beta, mean, variance := c.draw(rand.New(rand.NewPCG(1, 2)))
	y, dgamma, dbeta := tensor.New(c.shape...), tensor.New(64), tensor.New(64)
	rate := func(b *testing.B, passes int) {
		b.ReportMetric(float64(passes*4*x.Len())*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
	}
	b.Run("forward", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tensor.MomentsInto(mean, variance, x)
			tensor.BatchNormInto(y, x, mean, variance, gamma, beta, 1e-5)
		}
		rate(b, 3)
	})
	b.Run("backward", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tensor.BatchNormGradInto(y, dgamma, dbeta, x, g, mean, variance, gamma, 1e-5)
		}
		rate(b, 5)
	})
}
