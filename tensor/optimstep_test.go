package tensor_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The definitions, in float64, for one element.

func sgdRef(p, v, g float64, s tensor.SGDStep) (float64, float64) {
	g += float64(s.Decay) * p
	v = float64(s.Momentum)*v + float64(s.Gain)*g
	if s.Nesterov {
		return p - float64(s.Rate)*(g+float64(s.Momentum)*v), v
	}
	return p - float64(s.Rate)*v, v
}

func adamRef(p, m, v, peak, g float64, s tensor.AdamStep, amsgrad bool) (p1, m1, v1, peak1 float64) {
	g += float64(s.Decay) * p
	m = float64(s.Beta1)*m + float64(s.Gain1)*g
	v = float64(s.Beta2)*v + float64(s.Gain2)*g*g
	under := v
	if amsgrad {
		peak = max(peak, v)
		under = peak
	}
	return float64(s.Keep)*p - float64(s.Rate)*m/(math.Sqrt(under)+float64(s.Eps)), m, v, peak
}

func rmspropRef(p, sq, mean, v, g float64, s tensor.RMSPropStep, centred, momentum bool) (p1, sq1, mean1, v1 float64) {
	g += float64(s.Decay) * p
	sq = float64(s.Alpha)*sq + float64(s.Gain)*g*g
	mean = float64(s.Alpha)*mean + float64(s.Gain)*g
	variance := sq
	if centred {
		variance -= mean * mean
	}
	step := g / (math.Sqrt(variance) + float64(s.Eps))
	if s.EpsInside {
		step = g / math.Sqrt(variance+float64(s.Eps))
	}
	v = float64(s.Momentum)*v + step
	if momentum {
		step = v
	}
	return p - float64(s.Rate)*step, sq, mean, v
}

func TestOptimiserStepsAreTheirDefinitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 7, 100, 1<<14 + 5}).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		coefficient := func(name string) float32 { return rapid.Float32Range(0, 1).Draw(t, name) }
		p, g := tensor.RandN(rng, n), tensor.RandN(rng, n)
		a, b, c := tensor.RandU(rng, 0, 1, n), tensor.RandU(rng, 1, 2, n), tensor.RandU(rng, 0, 3, n)
		p0, g0, a0, b0, c0 := p.Clone().Data(), g.Clone(), a.Clone().Data(), b.Clone().Data(), c.Clone().Data()
		near := func(want float64, got float32, what string, i int) {
			require.InDelta(t, want, got, 1e-5*max(1, math.Abs(want)), "%s[%d]", what, i)
		}
		switch rapid.SampledFrom([]string{"sgd", "adam", "rmsprop"}).Draw(t, "rule") {
		case "sgd":
			s := tensor.SGDStep{Rate: coefficient("rate"), Decay: coefficient("decay"), Momentum: coefficient("mu"),
				Gain: coefficient("gain"), Nesterov: rapid.Bool().Draw(t, "nesterov")}
			tensor.SGDStepInto(p, a, g, s)
			for i := range p0 {
				w, v := sgdRef(float64(p0[i]), float64(a0[i]), float64(g0.Data()[i]), s)
				near(w, p.Data()[i], "p", i)
				near(v, a.Data()[i], "v", i)
			}
		case "adam":
			s := tensor.AdamStep{Rate: coefficient("rate"), Beta1: coefficient("b1"), Beta2: coefficient("b2"), Gain1: coefficient("g1"),
				Gain2: coefficient("g2"), Eps: 0.01 + coefficient("eps"), Decay: coefficient("decay"), Keep: coefficient("keep")}
			peak := c
			if rapid.Bool().Draw(t, "plain") {
				peak = nil
			}
			tensor.AdamStepInto(p, a, b, peak, g, s)
			for i := range p0 {
				w, m, v, top := adamRef(float64(p0[i]), float64(a0[i]), float64(b0[i]), float64(c0[i]), float64(g0.Data()[i]), s, peak != nil)
				near(w, p.Data()[i], "p", i)
				near(m, a.Data()[i], "m", i)
				near(v, b.Data()[i], "v", i)
				near(top, c.Data()[i], "peak", i)
			}
		case "rmsprop":
			s := tensor.RMSPropStep{Rate: coefficient("rate"), Alpha: 0.5 + coefficient("alpha")/2, Eps: 0.01 + coefficient("eps"),
				EpsInside: rapid.Bool().Draw(t, "inside"), Decay: coefficient("decay"), Momentum: coefficient("mu")}
			s.Gain = 1 - s.Alpha
			mean, v := a, c
			if rapid.Bool().Draw(t, "not centred") {
				mean = nil
			}
			if rapid.Bool().Draw(t, "no momentum") {
				v = nil
			}
			tensor.AffineInto(b, b, 2, 0) // a mean square above the squared mean, as it is in life
			tensor.RMSPropStepInto(p, b, mean, v, g, s)
			for i := range p0 {
				w, sq, m, u := rmspropRef(float64(p0[i]), 2*float64(b0[i]), float64(a0[i]), float64(c0[i]), float64(g0.Data()[i]), s, mean != nil, v != nil)
				near(w, p.Data()[i], "p", i)
				near(sq, b.Data()[i], "sq", i)
				if mean != nil {
					near(m, a.Data()[i], "mean", i)
				}
				if v != nil {
					near(u, c.Data()[i], "v", i)
				}
			}
		}
		require.Equal(t, g0.Data(), g.Data(), "gradients are read only")
	})
}

func TestSGDStepWithoutVelocity(t *testing.T) {
	p := tensor.FromSlice([]float32{1, 2}, 2)
	tensor.SGDStepInto(p, nil, tensor.FromSlice([]float32{10, -10}, 2), tensor.SGDStep{Rate: 0.1, Decay: 5})
	require.InDeltaSlice(t, []float32{1 - 0.1*15, 2}, p.Data(), 1e-6)
}

func TestLerpInto(t *testing.T) {
	a := tensor.FromSlice([]float32{1, -1}, 2)
	tensor.LerpInto(a, tensor.FromSlice([]float32{2, 3}, 2), 0.25)
	require.Equal(t, []float32{1.25, 0}, a.Data())
}

func TestOptimiserStepsOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	step := func() []float32 {
		rng := rand.New(rand.NewPCG(1, 2))
		p, m, v, g := tensor.RandN(rng, 50_000), tensor.New(50_000), tensor.New(50_000), tensor.RandN(rng, 50_000)
		for range 3 {
			tensor.AdamStepInto(p, m, v, nil, g, tensor.AdamStep{Rate: 0.1, Beta1: 0.9, Beta2: 0.999, Gain1: 0.1, Gain2: 0.001, Eps: 1e-8, Keep: 1})
		}
		return p.Data()
	}
	want := step()
	for _, procs := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(procs)
		require.Equal(t, want, step())
	}
}

func TestOptimiserStepsRefuseOtherShapes(t *testing.T) {
	a, b := tensor.New(2, 3), tensor.New(3, 2)
	require.PanicsWithValue(t, "tensor.AdamStepInto: destination must be (3,2), got (2,3)", func() { tensor.AdamStepInto(a, b, b, nil, b, tensor.AdamStep{}) })
	require.Panics(t, func() { tensor.AdamStepInto(b, b, b, a, b, tensor.AdamStep{}) })
	require.Panics(t, func() { tensor.SGDStepInto(b, a, b, tensor.SGDStep{}) })
	require.Panics(t, func() { tensor.RMSPropStepInto(b, b, a, nil, b, tensor.RMSPropStep{}) })
	require.Panics(t, func() { tensor.LerpInto(a, b, 1) })
}

func BenchmarkAdamStep(b *testing.B) {
	const n = 1 << 20
	p, m, v, g := tensor.New(n), tensor.New(n), tensor.New(n), tensor.Full(1, n)
	for b.Loop() {
		tensor.AdamStepInto(p, m, v, nil, g, tensor.AdamStep{Rate: 0.1, Beta1: 0.9, Beta2: 0.999, Gain1: 0.1, Gain2: 0.001, Eps: 1e-8, Keep: 1})
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mparam/s")
}
