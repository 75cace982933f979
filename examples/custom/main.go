// Command custom trains a generator and a discriminator of one's own. Begin here: copy the folder, change Painter and Critic
// or put something else in their place, and give load your own pictures.
//
//	go run ./examples/custom train -out RUN                           a few minutes on drawn digits
//	go run ./examples/custom sample -model RUN/model.safetensors sheet.png
//	go run ./examples/custom eval -model RUN/model.safetensors
package main

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
)

// A network is a struct of layers. The tags are the names in checkpoints; every field that learns needs one.

// Painter makes pictures of 16×16 pixels from 32 random numbers: 4×4 spots, enlarged twice.
type Painter struct {
	Grow  *nn.Linear          `nn:"grow"`
	Norm1 *nn.BatchNorm2D     `nn:"norm1"`
	Up    *nn.ConvTranspose2D `nn:"up"`
	Norm2 *nn.BatchNorm2D     `nn:"norm2"`
	Out   *nn.ConvTranspose2D `nn:"out"`
}

// NewPainter returns a painter with random weights. rng decides which.
func NewPainter(rng *rand.Rand) *Painter {
	double := nn.ConvTransposeOptions{Stride: 2, Pad: 1} // with a kernel of 4
	return &Painter{
		Grow:  nn.NewLinear(32, 4*4*64, nn.LinearOptions{}, rng),
		Norm1: nn.NewBatchNorm2D(64, nn.BatchNormOptions{}),
		Up:    nn.NewConvTranspose2D(64, 32, 4, double, rng),
		Norm2: nn.NewBatchNorm2D(32, nn.BatchNormOptions{}),
		Out:   nn.NewConvTranspose2D(32, 1, 4, double, rng),
	}
}

// Forward is an ordinary method: layers, and functions of package autograd. Images are (batch, height, width, channels).
// pass says whether this is training; layers that care about it, such as batch norm, take it.
func (p *Painter) Forward(z *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := p.Grow.Forward(z).Reshape(-1, 4, 4, 64)
	h = autograd.ReLU(p.Norm1.Forward(h, pass))
	h = autograd.ReLU(p.Norm2.Forward(p.Up.Forward(h), pass))
	return autograd.Tanh(p.Out.Forward(h)) // values from -1 to 1, as load makes them
}

// Critic tells painted pictures from real ones. It returns a logit for each: any number, high for real. There is no batch
// norm in it, because the penalty below looks at each picture alone.
type Critic struct {
	Down1 *nn.Conv2D `nn:"down1"`
	Down2 *nn.Conv2D `nn:"down2"`
	Out   *nn.Linear `nn:"out"`
}

// NewCritic returns a critic with random weights.
func NewCritic(rng *rand.Rand) *Critic {
	halve := nn.ConvOptions{Stride: 2, Pad: 1} // with a kernel of 4
	return &Critic{
		Down1: nn.NewConv2D(1, 32, 4, halve, rng),
		Down2: nn.NewConv2D(32, 64, 4, halve, rng),
		Out:   nn.NewLinear(4*4*64, 1, nn.LinearOptions{}, rng),
	}
}

// Forward has no pass, because nothing in it differs in training.
func (c *Critic) Forward(x *autograd.Var) *autograd.Var {
	h := autograd.LeakyReLU(c.Down1.Forward(x), 0.2)
	h = autograd.LeakyReLU(c.Down2.Forward(h), 0.2)
	return c.Out.Forward(h.Reshape(h.Dim(0), -1))
}

// newGame says who plays, for what, and with what handicap.
func newGame(rng *rand.Rand) gan.Game {
	return gan.Game{
		Generator:     NewPainter(rng),
		Discriminator: NewCritic(rng),
		Loss:          gan.NonSaturating{},
		Penalty:       gan.R1{Weight: 1, Every: 4},
		Latent:        gan.Normal(32),
		EMA:           0.995, // show and save an average of the painter, which is better than the painter itself
	}
}

// load returns the pictures to learn from: here digits that are drawn by the program. Elsewhere they come from files.
func load() *labelled.Images { return synthetic.Digits(5000, 1, synthetic.DigitOptions{Side: 16}) }

func main() {
	cli.Main("custom", "custom trains a generator and a discriminator of one's own.", trainCommand, sampleCommand, evalCommand)
}
