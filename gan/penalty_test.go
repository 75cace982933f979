package gan_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

// penalise returns the value of a penalty on a critic, with its weight.
func penalise(t *testing.T, p gan.Penalty, c gan.Critic) *autograd.Var {
	t.Helper()
	terms := p.Terms(c)
	require.Len(t, terms, 1)
	return autograd.Scale(terms[0].Value, float32(terms[0].Weight))
}

// A linear critic has the same gradient w everywhere, so every penalty has a closed form.
func TestPenaltiesOfALinearCritic(t *testing.T) {
	const norm2 = 3*3 + 4*4
	for _, c := range []struct {
		name string
		p    gan.Penalty
		want float64
	}{
		{"gradient_penalty", gan.GradientPenalty{}, 10 * 4 * 4},
		{"gradient_penalty", gan.GradientPenalty{Weight: 2, Every: 5}, 5 * 2 * 4 * 4},
		{"dragan", gan.DRAGAN{}, 10 * 4 * 4},
		{"r1", gan.R1{}, 10 / 2. * norm2},
		{"r1", gan.R1{Weight: 1, Every: 16}, 16 / 2. * norm2},
		{"r2", gan.R2{Weight: 0.1}, 0.1 / 2 * norm2},
	} {
		tape := autograd.NewTape()
		w := tape.Leaf(tensor.FromSlice([]float32{3, 4}, 2, 1))
		score := func(x *autograd.Var) *autograd.Var { return autograd.MatMul(x, w) }
		critic := gan.Critic{Tape: tape, Rand: newRand(1), Real: tensor.RandN(newRand(2), 5, 2), Fake: tensor.RandN(newRand(3), 5, 2),
			OnReal: score, OnFake: score}
		y := penalise(t, c.p, critic)
		require.InEpsilon(t, c.want, y.Item(), 1e-5, c.name)
		require.Equal(t, c.name, c.p.Terms(critic)[0].Name)

		// Moving w along itself by h changes ‖w‖ by 5h.
		g := autograd.Grad(y, w)[0]
		along := 3*float64(g.At(0, 0)) + 4*float64(g.At(1, 0))
		want := 2 * c.want
		if c.name == "gradient_penalty" || c.name == "dragan" {
			want = c.want / 4 * 2 * 5
		}
		require.InEpsilon(t, want, along, 1e-5, c.name)
	}
}

func TestPenaltiesAreLazy(t *testing.T) {
	score := func(x *autograd.Var) *autograd.Var { return autograd.Sum(autograd.Square(x), 1) }
	both := gan.Penalties{gan.R1{Every: 4}, gan.R2{Every: 3}}
	var due []int
	for update := range 9 {
		c := gan.Critic{Tape: autograd.NewTape(), Rand: newRand(1), Update: update, Real: tensor.Full(1, 2, 2), Fake: tensor.Full(2, 2, 2), OnReal: score, OnFake: score}
		n := 0
		for _, term := range both.Terms(c) {
			n += map[string]int{"r1": 1, "r2": 2}[term.Name]
		}
		due = append(due, n)
	}
	require.Equal(t, []int{3, 0, 0, 2, 1, 0, 2, 0, 1}, due)
}

// A critic that does not react has no gradient to penalise; the penalty must not make NaN of it.
func TestPenaltyOfAFlatCritic(t *testing.T) {
	tape := autograd.NewTape()
	w := tape.Leaf(tensor.New(2, 1))
	score := func(x *autograd.Var) *autograd.Var { return autograd.MatMul(x, w) }
	c := gan.Critic{Tape: tape, Rand: newRand(1), Real: tensor.Full(1, 3, 2), Fake: tensor.Full(2, 3, 2), OnReal: score, OnFake: score}
	y := penalise(t, gan.GradientPenalty{}, c)
	require.InDelta(t, 10, y.Item(), 1e-5)
	require.True(t, tensor.AllFinite(autograd.Grad(y, w)[0]))
}

// Where the points of the penalties lie, told by a critic that reports them.
func TestWherePenaltiesLook(t *testing.T) {
	real, fake := tensor.RandN(newRand(4), 200, 3), tensor.RandN(newRand(5), 200, 3)
	look := func(p gan.Penalty) (at *tensor.Tensor) {
		tape := autograd.NewTape()
		score := func(x *autograd.Var) *autograd.Var {
			at = x.Value().Clone()
			return autograd.Sum(x, 1)
		}
		p.Terms(gan.Critic{Tape: tape, Rand: newRand(6), Real: real, Fake: fake, OnReal: score, OnFake: score})
		return at
	}
	require.Equal(t, real.Data(), look(gan.R1{}).Data())
	require.Equal(t, fake.Data(), look(gan.R2{}).Data())

	var eps []float64
	between := look(gan.GradientPenalty{})
	for i := range 200 {
		e := float64(between.At(i, 0)-fake.At(i, 0)) / float64(real.At(i, 0)-fake.At(i, 0))
		eps = append(eps, e)
		for j := range 3 {
			require.InDelta(t, e*float64(real.At(i, j))+(1-e)*float64(fake.At(i, j)), between.At(i, j), 1e-4, "one ε for each example")
		}
	}
	requireUniform(t, eps, 0, 1)

	around, shift := look(gan.DRAGAN{}), []float64{}
	for i, v := range around.Data() {
		shift = append(shift, float64(v-real.Data()[i]))
	}
	mean := average(shiftOf(real), same)
	std := math.Sqrt(average(shiftOf(real), func(v float64) float64 { return (v - mean) * (v - mean) }))
	requireUniform(t, shift, 0, 0.5*std)
}

func shiftOf(x *tensor.Tensor) []float64 { return tensortest.From(x).Data }

func requireUniform(t *testing.T, x []float64, lo, hi float64) {
	t.Helper()
	mean := average(x, same)
	require.InDelta(t, (lo+hi)/2, mean, (hi-lo)*0.1)
	for _, v := range x {
		require.True(t, v >= lo-1e-5 && v <= hi+1e-5, "%g is not in [%g,%g]", v, lo, hi)
	}
	require.InDelta(t, (hi-lo)*(hi-lo)/12, average(x, func(v float64) float64 { return (v - mean) * (v - mean) }), (hi-lo)*(hi-lo)*0.02)
}

// critic is the critic of internal/golden.
type critic struct {
	Conv1  *nn.Conv2D `nn:"conv1"`
	Conv2  *nn.Conv2D `nn:"conv2"`
	Linear *nn.Linear `nn:"linear"`
	act    func(*autograd.Var) *autograd.Var
}

func (c *critic) Forward(x *autograd.Var) *autograd.Var {
	h := c.act(c.Conv2.Forward(c.act(c.Conv1.Forward(x))))
	return c.Linear.Forward(h.Reshape(x.Dim(0), -1))
}

func TestPenaltiesAgreeWithPyTorch(t *testing.T) {
	for name, act := range map[string]func(*autograd.Var) *autograd.Var{
		"leaky_relu": func(x *autograd.Var) *autograd.Var { return autograd.LeakyReLU(x, 0.2) },
		"tanh":       autograd.Tanh,
	} {
		ref := golden.Load("critic_penalty_" + name)
		rng := newRand(1)
		net := &critic{
			Conv1:  nn.NewConv2D(3, 4, 3, nn.ConvOptions{Pad: 1}, rng),
			Conv2:  nn.NewConv2D(4, 5, 3, nn.ConvOptions{Pad: 1, Stride: 2}, rng),
			Linear: nn.NewLinear(80, 1, nn.LinearOptions{Flatten: [3]int{4, 4, 5}}, rng),
			act:    act,
		}
		for _, e := range nn.Walk(net) {
			a := ref[e.Name]
			e.Tensor().CopyFrom(e.Layout.FromDisk(tensor.FromSlice(a.Data, a.Shape...), e.Tensor().Shape()))
		}
		images := ref["x"].NHWC()
		x := tensor.FromSlice(images.Data, images.Shape...)
		for what, p := range map[string]gan.Penalty{"gp": gan.GradientPenalty{}, "r1": gan.R1{}} {
			tape := autograd.NewTape()
			bound := nn.Bind(tape, net)
			// With real and fake equal, every point between them is x, up to rounding.
			c := gan.Critic{Tape: tape, Rand: newRand(2), Real: x, Fake: x, OnReal: bound.Forward, OnFake: bound.Forward}
			y := penalise(t, p, c)
			require.InEpsilon(t, ref[what].Data[0], y.Item(), 2e-5, name+" "+what)
			grads := autograd.Grad(y, nn.Params(bound)...)
			for i, e := range nn.Walk(bound) {
				want := ref[what+".grad."+e.Name]
				got := e.Layout.ToDisk(grads[i])
				largest := 0.0
				for _, v := range want.Data {
					largest = max(largest, math.Abs(float64(v)))
				}
				for k, v := range want.Data {
					require.InDelta(t, v, got.Data()[k], 3e-5*max(largest, 1), "%s %s, gradient of %s, element %d", name, what, e.Name, k)
				}
			}
		}
	}
}

// reference is a DCGAN-type critic in float64, with its derivative by hand: two 4×4 convolutions of stride 2 and one that
// leaves a single number.
type reference struct {
	w, b       []tensortest.Array
	act, slope func(float64) float64
}

var halve = tensor.ConvSpec{StrideH: 2, StrideW: 2, PadT: 1, PadB: 1, PadL: 1, PadR: 1}

// squares returns ‖∇D(x)‖² of each example.
func (r reference) squares(x tensortest.Array) []float64 {
	var before []tensortest.Array
	h := x
	for i := range 2 {
		a := tensortest.Conv2D(h, r.w[i], halve)
		channels := len(r.b[i].Data)
		for k := range a.Data {
			a.Data[k] += r.b[i].Data[k%channels]
		}
		before = append(before, a)
		h = tensortest.Map(a, r.act)
	}
	g := tensortest.Zeros(x.Shape[0], 1, 1, 1)
	for i := range g.Data {
		g.Data[i] = 1
	}
	g = tensortest.ConvTranspose2D(g, r.w[2], tensor.ConvTransposeSpec{})
	for i := 1; i >= 0; i-- {
		g = tensortest.Zip(g, tensortest.Map(before[i], r.slope), func(a, b float64) float64 { return a * b })
		g = tensortest.ConvTranspose2D(g, r.w[i], tensor.ConvTransposeSpec{ConvSpec: halve})
	}
	out := make([]float64, x.Shape[0])
	each := len(g.Data) / len(out)
	for k, v := range g.Data {
		out[k/each] += v * v
	}
	return out
}

func (r reference) penalty(name string, x tensortest.Array) float64 {
	if name == "r1" {
		return 10 * average(r.squares(x), func(v float64) float64 { return v / 2 })
	}
	return 10 * average(r.squares(x), func(v float64) float64 { return (math.Sqrt(v) - 1) * (math.Sqrt(v) - 1) })
}

// moved returns the reference with its parameters moved by h along v.
func (r reference) moved(v []*tensor.Tensor, h float64) reference {
	out := reference{act: r.act, slope: r.slope}
	shift := func(a tensortest.Array, d *tensor.Tensor) tensortest.Array {
		b := a.Clone()
		for i, x := range d.Data() {
			b.Data[i] += h * float64(x)
		}
		return b
	}
	for i := range r.w {
		out.w = append(out.w, shift(r.w[i], v[2*i]))
		out.b = append(out.b, shift(r.b[i], v[2*i+1]))
	}
	return out
}

// bend gives a DCGAN critic another activation, with which its biases matter to how steep it is.
func bend(act func(*autograd.Var) *autograd.Var) func(d *network.DCGANDiscriminator, x *autograd.Var) *autograd.Var {
	return func(d *network.DCGANDiscriminator, x *autograd.Var) *autograd.Var {
		for _, l := range d.Downs {
			x = act(l.Forward(x))
		}
		return d.Out.Forward(x).Reshape(-1, 1)
	}
}

// The gradient of the penalties in the critic's parameters, against differences of the float64 reference along random
// directions and along each parameter alone.
func TestPenaltyGradientsOfADCGANCritic(t *testing.T) {
	for name, act := range map[string]struct {
		forward    func(d *network.DCGANDiscriminator, x *autograd.Var) *autograd.Var
		ref, slope func(float64) float64
	}{
		"leaky ReLU": {
			func(d *network.DCGANDiscriminator, x *autograd.Var) *autograd.Var { return d.Forward(x, nil) },
			func(v float64) float64 { return max(v, 0.2*v) },
			func(v float64) float64 {
				if v > 0 {
					return 1
				}
				return 0.2
			},
		},
		"tanh": {bend(autograd.Tanh), math.Tanh, func(v float64) float64 { return 1 - math.Tanh(v)*math.Tanh(v) }},
	} {
		rng := newRand(8)
		net := network.NewDCGANDiscriminator(network.DCGANOptions{Size: 16, Width: 8, NoNorm: true}, rng)
		x := tensor.RandN(rng, 3, 16, 16, 3)
		ref := reference{act: act.ref, slope: act.slope}
		for _, l := range append(net.Downs, net.Out) {
			tensor.RandNInto(l.Bias.Value(), rng)
			tensor.AffineInto(l.Bias.Value(), l.Bias.Value(), 0.1, 0)
			ref.w = append(ref.w, tensortest.From(l.Weight.Value()))
			ref.b = append(ref.b, tensortest.From(l.Bias.Value()))
		}
		at := tensortest.From(x)
		for what, p := range map[string]gan.Penalty{"gp": gan.GradientPenalty{}, "r1": gan.R1{}} {
			tape := autograd.NewTape()
			bound := nn.Bind(tape, net)
			forward := func(x *autograd.Var) *autograd.Var { return act.forward(bound, x) }
			y := penalise(t, p, gan.Critic{Tape: tape, Rand: newRand(2), Real: x, Fake: x, OnReal: forward, OnFake: forward})
			require.InEpsilon(t, ref.penalty(what, at), y.Item(), 1e-5, name+" "+what)
			grads := autograd.Grad(y, nn.Params(bound)...)
			for only := -1; only < len(grads); only++ {
				got, size := 0.0, 0.0
				v := make([]*tensor.Tensor, len(grads))
				for i, g := range grads {
					v[i] = tensor.New(g.Shape()...)
					if only < 0 || only == i {
						v[i] = tensor.RandU(rng, -1, 1, g.Shape()...)
					}
					got += tensor.Dot(v[i], g)
					size += tensor.Norm(v[i]) * tensor.Norm(g)
				}
				const h = 1e-7
				want := (ref.moved(v, h).penalty(what, at) - ref.moved(v, -h).penalty(what, at)) / (2 * h)
				require.InDelta(t, want, got, 1e-4*size+1e-5, "%s, %s, parameter %d", name, what, only)
				if only == len(grads)-1 || name == "leaky ReLU" && only >= 0 && only%2 == 1 {
					require.InDelta(t, 0, got, 1e-6, "a bias that does not bend the critic has no gradient")
				}
			}
		}
	}
}
