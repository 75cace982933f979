package lapgan_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/tensor"
)

// grain is a level of one's own: details that are noise, stronger where the image is bright.
type grain struct{ strength float32 }

// Sample implements lapgan.Level.
func (g grain) Sample(given lapgan.Given, rng *rand.Rand) *tensor.Tensor {
	noise := tensor.RandN(rng, given.Low.Shape()...)
	return tensor.Affine(tensor.Mul(noise, given.Low), g.strength, 0)
}

// Levels of one pyramid may be of different kinds; another base, or a level of one's own, is one line.
func ExamplePyramid() {
	rng := rand.New(rand.NewPCG(1, 1))
	base := pixelrnn.New(pixelrnn.Options{Kind: pixelrnn.RowLSTM, Height: 4, Width: 4, Hidden: 6, Layers: 1, Classes: 10}, rng)
	p := lapgan.Pyramid{
		Sizes: []int{4, 8, 16},
		Levels: []lapgan.Level{
			lapgan.NewQuantised(base, 2),
			lapgan.NewConv(lapgan.ConvOptions{Side: 8, Classes: 10, Width: 8}, rng),
			grain{strength: 0.1},
		},
	}
	chain := p.Sample(rng, lapgan.Class(3))
	again := p.Redraw(rng, chain.Coarsest())
	fmt.Println(tensor.Format(chain.Result().Shape()), tensor.Format(again.Result().Shape()))
	fmt.Println(chain.Stages[0].Image.At(0, 0, 0, 0) == again.Stages[0].Image.At(0, 0, 0, 0))
	// Output:
	// (1,16,16,3) (1,16,16,3)
	// true
}

// The Laplacian pyramid takes images apart, with any operator and ratio, and puts them together again.
func ExampleBuild() {
	x := tensor.RandU(rand.New(rand.NewPCG(1, 1)), 0, 1, 1, 28, 28, 3)
	c := lapgan.Build(lapgan.Burt{}, x, lapgan.Squares(8, 14, 28))
	for _, s := range c.Stages {
		fmt.Println(tensor.Format(s.Image.Shape()), s.Residual != nil)
	}
	// Output:
	// (1,8,8,3) false
	// (1,14,14,3) true
	// (1,28,28,3) true
}
