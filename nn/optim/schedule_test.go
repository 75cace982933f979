package optim_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSchedules(t *testing.T) {
	type at map[int]float64
	for name, c := range map[string]struct {
		s    optim.Schedule
		want at
	}{
		"constant":            {optim.Constant(0.3), at{0: 0.3, 99: 0.3}},
		"step":                {optim.StepDecay{Every: 10}, at{0: 1, 9: 1, 10: 0.1, 19: 0.1, 20: 0.01}},
		"step by half":        {optim.StepDecay{Every: 100, Factor: 0.5}, at{99: 1, 100: 0.5, 599: 0.03125}},
		"step never":          {optim.StepDecay{}, at{0: 1}},
		"exponential":         {optim.Exponential{PerUpdate: 1 / 1.000004}, at{0: 1, 1: 1 / 1.000004, 250_000: math.Pow(1.000004, -250_000)}},
		"floor":               {optim.Exponential{PerUpdate: 0.5, Floor: 1e-3}, at{1: 0.5, 100: 1e-3}},
		"milestones":          {optim.Milestones{Updates: []int{3, 5}, Factor: 0.5}, at{2: 1, 3: 0.5, 4: 0.5, 5: 0.25}},
		"cosine":              {optim.Cosine{Over: 100, Floor: 0.1}, at{0: 1, 50: 0.55, 100: 0.1, 1000: 0.1}},
		"linear":              {optim.Linear{From: 1, To: 0, Over: 4}, at{0: 1, 1: 0.75, 4: 0, 9: 0}},
		"warm-up":             {optim.Warmup{Over: 4, Then: optim.Linear{From: 1, To: 0, Over: 2}}, at{0: 0.25, 3: 1, 4: 1, 5: 0.5, 6: 0}},
		"delay":               {optim.Delay{Over: 2, Then: optim.Linear{From: 1, To: 0, Over: 4}}, at{0: 0, 1: 0, 2: 0.5, 3: 0.25, 4: 0}},
		"delay alone":         {optim.Delay{Over: 2}, at{0: 0, 1: 0, 2: 1, 9: 1}},
		"warm-up alone":       {optim.Warmup{Over: 2}, at{0: 0.5, 1: 1, 9: 1}},
		"momentum of the GAN": {optim.PerEpoch{Updates: 500, Schedule: optim.Linear{From: 0.5, To: 0.7, Over: 250}}, at{0: 0.5, 499: 0.5, 500: 0.5008, 125_000: 0.7, 1e6: 0.7}},
		"product":             {optim.Product{optim.Constant(2), optim.Linear{From: 1, To: 0, Over: 2}}, at{0: 2, 1: 1}},
		"table":               {optim.Table{1, 0.5}, at{0: 1, 1: 0.5, 7: 0.5}},
		"empty table":         {optim.Table{}, at{3: 1}},
	} {
		for update, want := range c.want {
			require.InDelta(t, want, c.s.At(update), 1e-12, "%s at %d", name, update)
		}
	}
}

func TestRateFollowsItsSchedule(t *testing.T) {
	half := optim.StepDecay{Every: 2, Factor: 0.5}
	for _, o := range []optim.Optimizer{
		optim.SGD{Rate: 0.1, Schedule: half}, optim.Adam{Rate: 0.1, Schedule: half},
		optim.AdamW{Rate: 0.1, Schedule: half}, optim.RMSProp{Rate: 0.1, Schedule: half},
	} {
		p := autograd.Const(tensor.New(1))
		s := o.Init([]*autograd.Var{p})
		for _, want := range []float64{0.1, 0.1, 0.05, 0.05, 0.025} {
			require.Equal(t, want, s.Rate())
			s.Step([]*tensor.Tensor{tensor.Full(1, 1)})
		}
		s.SetUpdates(2)
		require.Equal(t, 0.05, s.Rate())
	}
}

// Momentum that rises while Torch7's dampening follows it.
func TestMomentumSchedule(t *testing.T) {
	p := tensor.New(1)
	s := optim.SGD{Rate: 1, Momenta: optim.Table{0, 0.5, 0.75}, Damped: true}.Init([]*autograd.Var{autograd.Const(p)})
	v, want := 0.0, 0.0
	for i, mu := range []float64{0, 0.5, 0.75, 0.75} {
		g := float64(i + 1)
		v = mu*v + (1-mu)*g
		want -= v
		s.Step([]*tensor.Tensor{tensor.Full(float32(g), 1)})
		require.InDelta(t, want, p.Item(), 1e-6)
	}
}

func TestEpsInsideTheRoot(t *testing.T) {
	p := tensor.New(1)
	s := optim.RMSProp{Rate: 1, Alpha: 0.9, Eps: 1e-6, EpsInside: true}.Init([]*autograd.Var{autograd.Const(p)})
	s.Step([]*tensor.Tensor{tensor.Full(1e-3, 1)})
	require.InEpsilon(t, -1e-3/math.Sqrt(0.1*1e-6+1e-6), p.Item(), 1e-6)
}

func TestZeroMeansZero(t *testing.T) {
	p := tensor.New(1)
	s := optim.Adam{Rate: 1, Beta1: optim.Zero, Beta2: optim.Zero, Eps: optim.Zero}.Init([]*autograd.Var{autograd.Const(p)})
	for i, g := range []float32{3, -0.001, 7} { // with no memory at all, every step is the sign of the gradient
		before := p.Item()
		s.Step([]*tensor.Tensor{tensor.Full(g, 1)})
		require.InDelta(t, math.Copysign(1, -float64(g)), p.Item()-before, 1e-6, "step %d", i)
	}
}

// A state that is put together from the slots and the counter of another goes on as that would.
func TestSlotsAreTheWholeState(t *testing.T) {
	rules := []optim.Optimizer{
		optim.SGD{Rate: 0.1}, optim.SGD{Rate: 0.1, Momentum: 0.9, Damped: true}, optim.SGD{Rate: 0.1, Momentum: 0.9, Nesterov: true},
		optim.Adam{}, optim.Adam{AMSGrad: true}, optim.AdamW{}, optim.RMSProp{}, optim.RMSProp{Centered: true, Momentum: 0.5},
	}
	rapid.Check(t, func(t *rapid.T) {
		rule := rapid.SampledFrom(rules).Draw(t, "rule")
		gradient := rapid.SliceOfN(rapid.Float32Range(-2, 2), 3, 3)
		a, b := tensor.New(3), tensor.New(3)
		sa, sb := rule.Init([]*autograd.Var{autograd.Const(a)}), rule.Init([]*autograd.Var{autograd.Const(b)})
		step := func(s optim.State, g []float32) { s.Step([]*tensor.Tensor{tensor.FromSlice(g, 3)}) }
		for range rapid.IntRange(0, 4).Draw(t, "steps") {
			step(sa, gradient.Draw(t, "g"))
		}
		b.CopyFrom(a)
		for i, slot := range sa.Slots() {
			require.Equal(t, slot.Name, sb.Slots()[i].Name)
			sb.Slots()[i].Tensor.CopyFrom(slot.Tensor)
		}
		sb.SetUpdates(sa.Updates())
		g := gradient.Draw(t, "last")
		step(sa, g)
		step(sb, g)
		require.Equal(t, a.Data(), b.Data())
	})
}

func TestStepRefusesOtherGradients(t *testing.T) {
	s := optim.Adam{}.Init([]*autograd.Var{autograd.Const(tensor.New(2, 3))})
	require.PanicsWithValue(t, "optim.Adam: want 1 gradients, got 0", func() { s.Step(nil) })
	require.PanicsWithValue(t, "optim.Adam: gradient 0 has shape (3,2), its parameter (2,3)", func() {
		s.Step([]*tensor.Tensor{tensor.New(3, 2)})
	})
	require.Zero(t, s.Updates())
	require.Panics(t, func() { optim.SGD{Nesterov: true, Damped: true}.Init(nil) })
}

func TestClip(t *testing.T) {
	fresh := func() []*tensor.Tensor {
		return []*tensor.Tensor{tensor.FromSlice([]float32{3, -4}, 2), tensor.FromSlice([]float32{0, 12}, 2)}
	}
	for name, c := range map[string]struct {
		clip optim.Clip
		want [2][]float32
	}{
		"nothing":           {optim.Clip{}, [2][]float32{{3, -4}, {0, 12}}},
		"norm":              {optim.Clip{Norm: 1.3}, [2][]float32{{0.3, -0.4}, {0, 1.2}}},
		"large norm":        {optim.Clip{Norm: 14}, [2][]float32{{3, -4}, {0, 12}}},
		"norm of each":      {optim.Clip{TensorNorm: 10}, [2][]float32{{3, -4}, {0, 10}}},
		"value":             {optim.Clip{Value: 3.5}, [2][]float32{{3, -3.5}, {0, 3.5}}},
		"value, then norms": {optim.Clip{Value: 4, TensorNorm: 2.5, Norm: 1}, [2][]float32{{1.5 / math.Sqrt2 / 2.5, -2 / math.Sqrt2 / 2.5}, {0, 1 / math.Sqrt2}}},
	} {
		g := fresh()
		require.InDelta(t, 13, c.clip.Apply(g), 1e-9, name)
		for i := range g {
			require.InDeltaSlice(t, c.want[i], g[i].Data(), 1e-6, name)
		}
	}
	g := fresh()
	g[1].Set(float32(math.NaN()), 0)
	require.True(t, math.IsNaN(optim.Clip{Norm: 1}.Apply(g)))
	require.Equal(t, []float32{3, -4}, g[0].Data(), "what is not finite is left as it is")
}
