package gan_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

// Painter is a generator: a struct and a method.
type Painter struct {
	Grow *nn.Linear          `nn:"grow"`
	Up   *nn.ConvTranspose2D `nn:"up"`
	Norm *nn.BatchNorm2D     `nn:"norm"`
	Out  *nn.Conv2D          `nn:"out"`
}

func NewPainter(latent int, rng *rand.Rand) *Painter {
	return &Painter{
		Grow: nn.NewLinear(latent, 4*4*16, nn.LinearOptions{}, rng),
		Up:   nn.NewConvTranspose2D(16, 8, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1}, rng),
		Norm: nn.NewBatchNorm2D(8, nn.BatchNormOptions{}),
		Out:  nn.NewConv2D(8, 1, 3, nn.ConvOptions{Pad: 1}, rng),
	}
}

func (p *Painter) Forward(z *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := p.Grow.Forward(z).Reshape(-1, 4, 4, 16)
	h = autograd.ReLU(p.Norm.Forward(p.Up.Forward(h), pass))
	return autograd.Tanh(p.Out.Forward(h))
}

// Critic is a discriminator: it returns logits.
type Critic struct {
	Down *nn.Conv2D `nn:"down"`
	Out  *nn.Linear `nn:"out"`
}

func NewCritic(channels int, rng *rand.Rand) *Critic {
	return &Critic{
		Down: nn.NewConv2D(channels, 8, 4, nn.ConvOptions{Stride: 2, Pad: 1}, rng),
		Out:  nn.NewLinear(4*4*8, 1, nn.LinearOptions{}, rng),
	}
}

func (c *Critic) Forward(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	h := autograd.LeakyReLU(c.Down.Forward(x), 0.2)
	return c.Out.Forward(h.Reshape(h.Dim(0), -1))
}

func Example() {
	rng := rand.New(rand.NewPCG(1, 1))
	painter, critic := NewPainter(100, rng), NewCritic(1, rng)
	images := synthetic.Digits(100, 1, synthetic.DigitOptions{Side: 8}).Batches(16, labelled.BatchOptions{Signed: true})

	game := gan.Game{
		Generator: painter, Discriminator: critic,
		Loss:    gan.NonSaturating{},
		Penalty: gan.R1{Weight: 10, Every: 16},
		Latent:  gan.Normal(100),
	}
	run := train.Run{Steps: 20, Seed: 1, Progress: io.Discard}
	err := train.Play(context.Background(), run, game.Players(optim.Adam{Rate: 2e-4, Beta1: 0.5}), gan.Labelled(images))
	fmt.Println(err, gan.Draw(painter, game.Latent.Draw(3, rng), nil).Shape())
	// Output: <nil> [3 8 8 1]
}

// With a condition, the same networks take more inputs: here ten for a class beside the latent, and ten planes beside the
// picture.
func ExampleClass() {
	rng := rand.New(rand.NewPCG(1, 1))
	painter, critic := NewPainter(100+10, rng), NewCritic(1+10, rng)
	images := synthetic.Digits(100, 1, synthetic.DigitOptions{Side: 8}).Batches(16, labelled.BatchOptions{Signed: true})

	game := gan.Game{
		Generator: painter, Discriminator: critic,
		Loss:      gan.Wasserstein{},
		Penalty:   gan.GradientPenalty{Weight: 10},
		Turns:     5,
		Latent:    gan.Normal(100),
		Condition: gan.Class(10),
	}
	run := train.Run{Steps: 5, Seed: 1, Progress: io.Discard}
	err := train.Play(context.Background(), run, game.Players(optim.Adam{Rate: 2e-4, Beta1: 0.5}), gan.Labelled(images))
	sevens := gan.Class(10).Encode(7, 7)
	fmt.Println(err, gan.Draw(painter, game.Latent.Draw(2, rng), sevens).Shape())
	// Output: <nil> [2 8 8 1]
}
