package nn_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Painter draws pictures of 16×16 pixels from noise.
type Painter struct {
	Grow *nn.Linear          `nn:"grow"`
	Norm *nn.BatchNorm2D     `nn:"norm"`
	Out  *nn.ConvTranspose2D `nn:"out"`
}

func (p *Painter) Forward(z *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := p.Grow.Forward(z).Reshape(-1, 8, 8, 16)
	h = autograd.ReLU(p.Norm.Forward(h, pass))
	return autograd.Tanh(p.Out.Forward(h))
}

// A network is a struct and a method. Bound to a tape, it learns.
func Example() {
	rng := rand.New(rand.NewPCG(1, 2))
	painter := &Painter{
		Grow: nn.NewLinear(10, 8*8*16, nn.LinearOptions{NoBias: true, Unflatten: [3]int{8, 8, 16}}, rng),
		Norm: nn.NewBatchNorm2D(16, nn.BatchNormOptions{}),
		Out:  nn.NewConvTranspose2D(16, 3, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1}, rng),
	}
	for _, e := range nn.Walk(painter) {
		fmt.Println(e.Name, e.Layout.DiskShape(e.Tensor().Shape()))
	}

	tape := autograd.NewTape()
	pass := &nn.Pass{Train: true, Rand: rng}
	p := nn.Bind(tape, painter)
	pictures := p.Forward(tape.Const(tensor.RandN(rng, 4, 10)), pass)
	loss := nn.MSE(pictures, autograd.Const(tensor.New(4, 16, 16, 3)))
	grads := autograd.Grad(loss, nn.Params(p)...)
	pass.Commit()
	fmt.Println(tensor.Format(pictures.Shape()), len(grads), nn.NumParams(painter))
	// Output:
	// grow.weight [1024 10]
	// norm.weight [16]
	// norm.bias [16]
	// norm.running_mean [16]
	// norm.running_var [16]
	// out.weight [16 3 4 4]
	// out.bias [3]
	// (4,16,16,3) 5 11043
}

// Layers that follow one another need no struct.
func ExampleSequential() {
	rng := rand.New(rand.NewPCG(1, 2))
	critic := nn.Sequential{
		nn.NewConv2D(3, 16, 4, nn.ConvOptions{Stride: 2, Pad: 1}, rng),
		nn.LeakyReLU{Slope: 0.2},
		nn.Flatten{},
		nn.NewLinear(8*8*16, 1, nn.LinearOptions{Flatten: [3]int{8, 8, 16}}, rng),
	}
	scores := critic.Forward(autograd.Const(tensor.New(4, 16, 16, 3)), nil)
	fmt.Println(tensor.Format(scores.Shape()))
	// Output: (4,1)
}
