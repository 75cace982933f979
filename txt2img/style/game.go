package style

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Generator paints pictures (N,H,W,3) with values in [-1,1] from noise z (N,Z) and texts (N,E).
type Generator interface {
	Forward(z, text *autograd.Var, pass *nn.Pass) *autograd.Var
}

// Game trains a style encoder against a generator that stays as it is: the encoder lowers
//
//	E ‖z − S(G(z, text))‖²,  z ~ N(0, I)
//
// over pictures that the generator paints, in every step anew. Reed et al. 2016, §4.4. Batches are texts (N,E), such as
// [Bank.Batches] makes.
type Game struct {
	Generator Generator
	Encoder   nn.Layer // from pictures to (N,Latent); an [Encoder] or a network of one's own
	Latent    int      // numbers in z; 0 means 100

	// BatchStatistics lets the generator's batch norms work with the statistics of each batch, as they did when it was
	// trained, and dropout drop. The running statistics do not move. Without it the pictures are those that inference paints,
	// which is what the encoder's guesses are painted with.
	BatchStatistics bool
}

// Player returns the player of the game, who needs no name. A nil optimiser means Adam with rate 2e-4 and β₁ 0.5, as the
// paper's generator and discriminator have it. Besides the loss it logs "mse", the loss for one number of z, which is 1 for
// an encoder that knows nothing and guesses the mean. It panics if the generator or the encoder is missing.
func (g Game) Player(opt optim.Optimizer) train.Player[*tensor.Tensor] {
	if g.Generator == nil || g.Encoder == nil {
		panic("style.Game: want a Generator and an Encoder")
	}
	if opt == nil {
		opt = optim.Adam{Rate: 2e-4, Beta1: 0.5}
	}
	return train.Player[*tensor.Tensor]{Model: g.Encoder, Opt: opt, Loss: g.Terms}
}

// Terms is the loss in one turn, for [train.Player].
func (g Game) Terms(s *train.Step, texts *tensor.Tensor) train.Terms {
	z := s.Const(tensor.RandN(s.Pass.Rand, texts.Dim(0), either(g.Latent, 100)))
	var pass *nn.Pass
	if g.BatchStatistics {
		// A pass of its own, which nobody commits: the generator is not a part of this run.
		pass = &nn.Pass{Train: true, Rand: s.Pass.Rand}
	}
	x := g.Generator.Forward(z, s.Const(texts), pass)
	guess := train.Use(s, g.Encoder).Forward(x, s.Pass)
	if !tensor.SameShape(guess.Value(), z.Value()) {
		panic(fmt.Sprintf("style.Game: the encoder's guess is %s, the noise %s", tensor.Format(guess.Shape()), tensor.Format(z.Shape())))
	}
	mse := nn.MSE(z, guess)
	return train.Terms{
		{Name: "loss", Weight: 1, Value: autograd.Scale(mse, float32(z.Dim(1)))},
		{Name: "mse", Value: mse},
	}
}

// Error is the mean of (z − S(G(z, text)))² over all numbers of fresh noise, one z for each text (N,E), in inference: 1 for
// an encoder that guesses the mean, 0 for one that recovers all.
func (g Game) Error(texts *tensor.Tensor, rng *rand.Rand) float64 {
	z := tensor.RandN(rng, texts.Dim(0), either(g.Latent, 100))
	guess := Of(g.Encoder, gan.Draw(g.Generator, z, texts))
	d := tensor.Sub(z, guess)
	return tensor.Dot(d, d) / float64(z.Len())
}
