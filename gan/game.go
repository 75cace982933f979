package gan

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

// Game is a generator against a discriminator. Generator, Discriminator, Loss and Latent must be given; the zero value of
// everything else is the usual choice.
//
// The networks are pointers to structs with nn tags and one of the methods
//
//	Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var
//	Forward(x, y *autograd.Var, pass *nn.Pass) *autograd.Var   // takes a condition by itself, see Conditional
//	Judge(x, y *autograd.Var, pass *nn.Pass) gan.Verdict       // a discriminator with several outputs
//
// (a plain Forward(x) does as well). The generator gets latents (N, …) and returns what is in Batch.Images; the
// discriminator gets that and returns logits, high for real, and no probabilities. If there is a condition, it is joined to
// the input of networks of the first form.
//
// Both networks run in training mode in every turn, so that the statistics of their batch norms move in the turns of either
// player, as in Torch. They do not in what is computed for a penalty.
type Game struct {
	Generator, Discriminator any

	Loss      Loss
	Penalty   Penalty   // on the discriminator; nil means none
	Latent    Latent    // what the generator starts from
	Condition Condition // what both players are told; nil means nothing

	// Joint shows the discriminator one batch, half real and half fake, and lowers the mean over it: half the sum that
	// separate batches give. The halves are of different examples, each with its condition. It matters to batch norm.
	// Denton et al. 2015 (LAPGAN) train so. Batches must be of even size.
	Joint bool

	Noise   InstanceNoise
	Augment Augment

	// FeatureMatching is the weight of a term of the generator's loss, by which the mean features of fakes approach those
	// of real examples; the discriminator must be a [Judge] that shows Features. Salimans et al. 2016, §3.1.
	FeatureMatching float64

	// Auxiliary is the weight of the cross-entropy of the classes that the discriminator recognises, in its own loss on
	// real examples and fakes and in the generator's loss on fakes; the discriminator must be a [Judge] that returns Classes,
	// and the batches need Classes. Odena et al. 2017 (AC-GAN), with weight 1.
	Auxiliary float64

	// Extra returns more terms of the generator's loss, given what it made of the batch.
	Extra func(s *train.Step, b Batch, fake *autograd.Var) train.Terms

	Turns      int     // updates of the discriminator for one of the generator; 0 means 1
	EMA        float64 // decay of an average of the generator, such as 0.999; 0 means none
	Accumulate int     // batches for one update of either player; 0 means 1
}

// Players returns the players "discriminator" and "generator" of the game, who move in this order. Given one optimiser, both
// learn by it; given two, they are the discriminator's and the generator's. What else a player has may be set in the result.
//
// Besides their losses the players log, with weight 0: the mean logits "real" and "fake", the "accuracy" where the loss is
// [Bounded], the "diversity" of the fakes, without dropout, in proportion to that of the batch (under the condition of a [Class],
// within the same class), and the "saturation", the share of values of fakes at the ends of the data's range beyond the data's own
// share.
//
// It panics if a part of the game is missing or is not what it should be.
func (g Game) Players(opt ...optim.Optimizer) []train.Player[Batch] {
	g.check()
	if len(opt) != 1 && len(opt) != 2 {
		panic(fmt.Sprintf("gan.Game.Players: want an optimiser for both players or one for each, got %d", len(opt)))
	}
	return []train.Player[Batch]{
		{
			Name: "discriminator", Model: g.Discriminator, Opt: opt[0], Turns: g.Turns, Accumulate: g.Accumulate,
			Loss: g.DiscriminatorTerms,
		},
		{
			Name: "generator", Model: g.Generator, Opt: opt[len(opt)-1], EMA: g.EMA, Accumulate: g.Accumulate,
			Loss: g.GeneratorTerms,
		},
	}
}

func (g Game) check() {
	switch _, judge := g.Discriminator.(Judge); {
	case g.Generator == nil || g.Discriminator == nil || g.Loss == nil || g.Latent == nil:
		panic("gan.Game: want a Generator, a Discriminator, a Loss and a Latent")
	case !isNetwork(g.Generator):
		panic(fmt.Sprintf("gan.Game: the generator, a %T, has no method Forward(z, pass) or Forward(z, y, pass)", g.Generator))
	case !judge && !isNetwork(g.Discriminator):
		panic(fmt.Sprintf("gan.Game: the discriminator, a %T, has no method Forward(x, pass), Forward(x, y, pass) or Judge(x, y, pass)",
			g.Discriminator))
	case !judge && g.FeatureMatching != 0:
		panic(fmt.Sprintf("gan.Game: for feature matching the discriminator, a %T, needs a method Judge that shows Features", g.Discriminator))
	case !judge && g.Auxiliary != 0:
		panic(fmt.Sprintf("gan.Game: as an auxiliary classifier the discriminator, a %T, needs a method Judge that returns Classes", g.Discriminator))
	}
}

// condition returns the conditions of a batch on the tape of a step, nil if there are none.
func (g Game) condition(s *train.Step, b Batch) *autograd.Var {
	if g.Condition == nil {
		return nil
	}
	return s.Const(g.Condition.Of(b))
}
