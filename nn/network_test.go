package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

// The small super-resolution network of the golden vectors.
type residual struct {
	Conv1 *nn.Conv2D      `nn:"conv1"`
	Norm1 *nn.BatchNorm2D `nn:"norm1"`
	Act   *nn.PReLU       `nn:"act"`
	Conv2 *nn.Conv2D      `nn:"conv2"`
	Norm2 *nn.BatchNorm2D `nn:"norm2"`
}

func (b *residual) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := b.Act.Forward(b.Norm1.Forward(b.Conv1.Forward(x), pass))
	return autograd.Add(x, b.Norm2.Forward(b.Conv2.Forward(h), pass))
}

type upBlock struct {
	Conv *nn.Conv2D `nn:"conv"`
	Act  *nn.PReLU  `nn:"act"`
}

type resNet struct {
	Head    *nn.Conv2D      `nn:"head"`
	HeadAct *nn.PReLU       `nn:"head_act"`
	Body    []*residual     `nn:"body"`
	Mid     *nn.Conv2D      `nn:"mid"`
	MidNorm *nn.BatchNorm2D `nn:"mid_norm"`
	Up      []*upBlock      `nn:"up"`
	Tail    *nn.Conv2D      `nn:"tail"`
}

func newResNet(blocks int) *resNet {
	const c = 8
	rng := newRand()
	conv := func(in, out int, noBias bool) *nn.Conv2D {
		return nn.NewConv2D(in, out, 3, nn.ConvOptions{Pad: 1, NoBias: noBias}, rng)
	}
	norm := func() *nn.BatchNorm2D { return nn.NewBatchNorm2D(c, nn.BatchNormOptions{}) }
	act := func() *nn.PReLU { return nn.NewPReLU(nn.PReLUOptions{}) }
	net := &resNet{
		Head: conv(3, c, false), HeadAct: act(), Mid: conv(c, c, true), MidNorm: norm(),
		Up: []*upBlock{{conv(c, 4*c, false), act()}}, Tail: conv(c, 3, false),
	}
	for range blocks {
		net.Body = append(net.Body, &residual{conv(c, c, true), norm(), act(), conv(c, c, true), norm()})
	}
	return net
}

func (n *resNet) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	first := n.HeadAct.Forward(n.Head.Forward(x))
	h := first
	for _, b := range n.Body {
		h = b.Forward(h, pass)
	}
	h = autograd.Add(first, n.MidNorm.Forward(n.Mid.Forward(h), pass))
	for _, u := range n.Up {
		h = u.Act.Forward(nn.PixelShuffle{Factor: 2}.Forward(u.Conv.Forward(h)))
	}
	return n.Tail.Forward(h)
}

func TestResidualNetworkAgreesWithPyTorch(t *testing.T) {
	r := load("srresnet")
	net := newResNet(2)
	for _, e := range nn.Walk(net) {
		require.Contains(t, r, e.Name)
	}
	r.fill(t, net, nil)
	tape := autograd.NewTape()
	bound := nn.Bind(tape, net)
	x := tape.Leaf(r.image(t, "x"))
	pass := &nn.Pass{Train: true}
	y := bound.Forward(x, pass)
	requireClose(t, "y", r.image(t, "y"), y.Value())
	loss := nn.MSE(y, autograd.Const(r.image(t, "target")))
	requireClose(t, "loss", tensor.Scalar(r["loss"].Data[0]), loss.Value())
	r.requireGrads(t, bound, loss, nil)
	requireClose(t, "grad.x", r.image(t, "grad.x"), autograd.Grad(loss, x)[0])
	requireAllLearn(t, bound, loss)

	pass.Commit()
	for _, e := range nn.Walk(net) {
		if e.State != nil {
			at := len(e.Name) - len("running_mean")
			if e.State.Len() > 0 && e.Name[at:] != "running_mean" {
				at = len(e.Name) - len("running_var")
			}
			name := e.Name[:at] + "new_" + e.Name[at:]
			requireClose(t, name, r.tensor(t, name), e.State)
		}
	}
}

// A step of training in the steady state finds all its memory in the tape.
func TestTrainingStepReusesMemory(t *testing.T) {
	net := newResNet(1)
	x, target := tensor.RandN(newRand(), 2, 8, 8, 3), autograd.Const(tensor.RandN(newRand(), 2, 16, 16, 3))
	tape := autograd.NewTape()
	pass := &nn.Pass{Train: true}
	step := func() {
		tape.Reset()
		bound := nn.Bind(tape, net)
		for i, g := range autograd.Grad(nn.MSE(bound.Forward(tape.Const(x), pass), target), nn.Params(bound)...) {
			tensor.AddScaledInto(nn.Params(net)[i].Value(), g, -1e-3)
		}
		pass.Commit()
	}
	step()
	held := tape.Bytes()
	for range 3 {
		step()
		require.Equal(t, held, tape.Bytes())
	}
}

func TestBitsDoNotDependOnTheNumberOfCores(t *testing.T) {
	net := newResNet(2)
	rng := newRand()
	x, target := tensor.RandN(rng, 3, 16, 13, 3), autograd.Const(tensor.RandN(rng, 3, 32, 26, 3))
	tensortest.SameOnAnyCores(t, func() *tensor.Tensor {
		tape := autograd.NewTape()
		bound := nn.Bind(tape, net)
		loss := nn.MSE(bound.Forward(tape.Const(x), &nn.Pass{Train: true}), target)
		all := []*tensor.Tensor{loss.Value().Reshape(1)}
		for _, g := range autograd.Grad(loss, nn.Params(bound)...) {
			all = append(all, g.Reshape(-1))
		}
		return tensor.Concat(0, all...)
	})
}

type critic struct {
	Conv1  *nn.Conv2D `nn:"conv1"`
	Conv2  *nn.Conv2D `nn:"conv2"`
	Linear *nn.Linear `nn:"linear"`
}

// Gradient penalties: the derivatives of a gradient, with respect to the input and every parameter.
func TestCriticPenaltiesAgreeWithPyTorch(t *testing.T) {
	for name, act := range map[string]func(*autograd.Var) *autograd.Var{
		"critic_penalty_tanh":       autograd.Tanh,
		"critic_penalty_leaky_relu": func(x *autograd.Var) *autograd.Var { return autograd.LeakyReLU(x, 0.2) },
	} {
		t.Run(name, func(t *testing.T) {
			r := load(name)
			rng := newRand()
			net := &critic{
				nn.NewConv2D(3, 4, 3, nn.ConvOptions{Pad: 1}, rng),
				nn.NewConv2D(4, 5, 3, nn.ConvOptions{Stride: 2, Pad: 1}, rng),
				nn.NewLinear(80, 1, nn.LinearOptions{Flatten: [3]int{4, 4, 5}}, rng),
			}
			r.fill(t, net, nil)
			tape := autograd.NewTape()
			b := nn.Bind(tape, net)
			x := tape.Leaf(r.image(t, "x"))
			score := b.Linear.Forward(act(b.Conv2.Forward(act(b.Conv1.Forward(x)))).Reshape(2, 80))
			requireClose(t, "score", r.tensor(t, "score"), score.Value())
			gx := autograd.GradOnTape(autograd.Sum(score), x)[0]
			requireClose(t, "score.grad.x", r.image(t, "score.grad.x"), gx.Value())
			square := autograd.Sum(autograd.Square(gx), 1, 2, 3)
			for label, penalty := range map[string]*autograd.Var{
				"gp": autograd.Scale(autograd.Mean(autograd.Square(autograd.Shift(autograd.Sqrt(square), -1))), 10),
				"r1": autograd.Scale(autograd.Mean(square), 5),
			} {
				requireClose(t, label, tensor.Scalar(r[label].Data[0]), penalty.Value())
				grads := autograd.Grad(penalty, append(nn.Params(b), x)...)
				i := 0
				for _, e := range nn.Walk(b) {
					requireClose(t, label+".grad."+e.Name, r.tensor(t, label+".grad."+e.Name), e.Layout.ToDisk(grads[i]))
					i++
				}
				requireClose(t, label+".grad.x", r.image(t, label+".grad.x"), grads[i])
			}
		})
	}
}
