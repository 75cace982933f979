package txt2img

import (
	"fmt"
	"strconv"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Game trains a generator to paint captions against a discriminator that is shown pictures with captions. Generator and
// Discriminator must be given: those of this package, or any others with the method
//
//	Forward(x, text *autograd.Var, pass *nn.Pass) *autograd.Var
//
// where x is noise (N, …) for the generator, which returns pictures (N,S,S,3) with values in [-1,1], and such pictures for the
// discriminator, which returns logits (N,1). The zero value of everything else is the paper's plain GAN; see [Variant.Of] for
// the others.
//
// With s the discriminator's probability for a right pair, for a mismatched one and for a painted picture, it lowers
//
//	−E[ln s_right] − c·E[ln(1−s_wrong)] − (1−c)·E[ln(1−s_fake)]
//
// and the generator −E[ln s_fake], with noise that is drawn anew. Reed et al. 2016, Algorithm 1, with the signs of its
// updates read as ascent, and the released code for the generator's loss. Right, wrong and painted pictures go through the
// discriminator one after the other, since its batch norms tell them apart, and painted ones are constants in its turn.
// Both networks run in training mode in every turn, so that the statistics of their batch norms move, as in Torch.
type Game struct {
	Generator, Discriminator gan.Conditional

	// Mismatch is c, the weight of mismatched pairs, in [0,1): 0 is a plain GAN, and ½ is GAN-CLS.
	Mismatch float64

	// OtherText makes mismatched pairs of a right picture and the caption of another, as the paper describes them, instead of
	// another picture and the right caption, as the code does. The pairs are distributed alike.
	OtherText bool

	// Interpolate has the generator paint points between captions as well, GAN-INT: besides the N texts of a batch the N/2
	// means of the first half and the second, in one batch of 3N/2, where their losses have the InterpolationWeight and the
	// sum is divided by 3N/2. The discriminator never learns from what is painted so. §4.3 with β = ½.
	Interpolate         bool
	InterpolationWeight float64 // 0 means 1

	// Extrapolate takes, in place of each mean of a and b, a + α(b−a) with α ~ U(−1,1), the code's second mode.
	Extrapolate bool

	Latent gan.Latent // of the noise; nil means gan.Normal(100)

	Smooth  float32     // the target for right pairs is 1−Smooth: one-sided label smoothing (Salimans et al. 2016, §3.4)
	Augment gan.Augment // of all that the discriminator sees
	Noise   gan.InstanceNoise
	Penalty gan.Penalty // on the discriminator, at right pairs and at painted ones; nil means none

	Turns      int     // updates of the discriminator for one of the generator; 0 means 1
	EMA        float64 // decay of an average of the generator, such as 0.999; 0 means none
	Accumulate int     // batches for one update of either player; 0 means 1
}

// Check says what is missing or impossible, nil if nothing is.
func (g Game) Check() error {
	switch {
	case g.Generator == nil || g.Discriminator == nil:
		return fmt.Errorf("txt2img: a game needs a Generator and a Discriminator")
	case !(g.Mismatch >= 0 && g.Mismatch < 1):
		return fmt.Errorf("txt2img: a weight of %g for mismatched pairs; want 0 to 1, less than 1", g.Mismatch)
	case !(g.InterpolationWeight >= 0):
		return fmt.Errorf("txt2img: a weight of %g for interpolated captions", g.InterpolationWeight)
	case g.Extrapolate && !g.Interpolate:
		return fmt.Errorf("txt2img: Extrapolate is a mode of Interpolate, which is not set")
	case !(g.Smooth >= 0 && g.Smooth < 1):
		return fmt.Errorf("txt2img: label smoothing by %g; want 0 to 1, less than 1", g.Smooth)
	}
	return nil
}

// Players returns the players "discriminator" and "generator", who move in this order, on the same batch unless the
// discriminator has more turns. Given one optimiser, both learn by it; given two, they are the discriminator's and the
// generator's. What else a player has may be set in the result. It panics if [Game.Check] finds something.
//
// Besides their losses the players log, with weight 0, what [gan.Opinion] and [gan.Variety] tell a [gan.Monitor], and of
// mismatched pairs the mean logit "wrong" and the share "matching" of right pairs that have a higher logit than the
// mismatched pair in the same place: ½ is chance.
func (g Game) Players(opt ...optim.Optimizer) []train.Player[Batch] {
	if err := g.Check(); err != nil {
		panic(err.Error())
	}
	if len(opt) != 1 && len(opt) != 2 {
		panic(fmt.Sprintf("txt2img.Game.Players: want an optimiser for both players or one for each, got %d", len(opt)))
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

// Facts says what the game depends on, for the manifest of a model and the Config of a run.
func (g Game) Facts() map[string]string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	facts := map[string]string{"mismatch": number(g.Mismatch), "interpolation": "0"}
	if g.Interpolate {
		facts["interpolation"] = number(either(g.InterpolationWeight, 1))
	}
	for name, on := range map[string]bool{
		"extrapolate": g.Extrapolate, "other text": g.OtherText, "augment colour": g.Augment.Colour,
		"augment translation": g.Augment.Translation, "augment cutout": g.Augment.Cutout,
	} {
		if on {
			facts[name] = "yes"
		}
	}
	if g.Smooth > 0 {
		facts["smooth"] = number(float64(g.Smooth))
	}
	if g.Noise != (gan.InstanceNoise{}) {
		facts["noise"] = fmt.Sprintf("%g over %d", g.Noise.Std, g.Noise.Over)
	}
	if g.Penalty != nil {
		facts["penalty"] = fmt.Sprintf("%T%+v", g.Penalty, g.Penalty)
	}
	if g.EMA > 0 {
		facts["average"] = number(g.EMA)
	}
	return facts
}

// Gallery draws sheets of what the generator has learned, for [train.Run.Sample]: its Table has a row for each of some
// embedded captions (N,E), which go by labels, and the same noise down each column.
//
//	run.Sample = game.Gallery(texts, sentences).Table
func (g Game) Gallery(texts *tensor.Tensor, labels []string) gan.Gallery {
	return gan.Gallery{
		Game:  gan.Game{Generator: g.Generator, Latent: g.latent(), Condition: gan.Vector{}},
		Given: texts, Labels: labels,
	}
}

func (g Game) latent() gan.Latent {
	if g.Latent == nil {
		return gan.Normal(100)
	}
	return g.Latent
}
