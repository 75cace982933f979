package srgan

import (
	"fmt"
	"strconv"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

// The paper's numbers (Ledig et al. 2017, §3.2; the weight of the total variation is that of its first versions).
const (
	AdversarialWeight = 1e-3
	TVWeight          = 2e-8

	PretrainUpdates    = 1_000_000 // of SRResNet-MSE, at a constant rate
	AdversarialUpdates = 200_000   // of the others, the second half of them at a tenth of the rate
	Rate               = 1e-4
)

// Game is the training of one [Variant], as players for package train. Those with a discriminator begin, in the paper,
// with a generator that has been trained as SRResNetMSE.
type Game struct {
	Variant   Variant
	Generator Generator

	// Discriminator is needed by the adversarial variants: a [Discriminator] for the size of the patches, or another critic.
	Discriminator Critic

	// Content compares features, which the VGG variants need: FeatureLoss{Features: net}. A network in the place of VGG19 is
	// named in logs by its Name.
	Content FeatureLoss

	Adversarial float64 // weight of the adversarial loss, of variants that have one; 0 means 1e-3
	Pixels      float64 // weight of the mean squared error of pixels beside a loss on features; 0, as in the paper, means none
	TV          float64 // weight of the total variation of the result, such as TVWeight; 0 means none

	// Lattice weighs the lattice that is common to windows of a result and not in the original ([gan.LatticeLoss]), which pixel shuffles
	// make long before they make texture. 0, as in the paper, means none.
	Lattice float64
}

// Check says what is missing, nil if nothing is.
func (g Game) Check() error {
	_, features := g.Variant.Tap()
	switch {
	case g.Variant < SRResNetMSE || g.Variant > SRGANVGG54:
		return fmt.Errorf("srgan: no %v", g.Variant)
	case g.Generator == nil:
		return fmt.Errorf("srgan: %v needs a generator", g.Variant)
	case features && g.Content.Features == nil:
		return fmt.Errorf("srgan: %v needs a network of features", g.Variant)
	case !features && g.Content.Features != nil:
		return fmt.Errorf("srgan: %v compares pixels, not features", g.Variant)
	case g.Variant.Adversarial() && g.Discriminator == nil:
		return fmt.Errorf("srgan: %v needs a discriminator", g.Variant)
	case !g.Variant.Adversarial() && g.Discriminator != nil:
		return fmt.Errorf("srgan: %v has no discriminator", g.Variant)
	case !features && g.Pixels != 0:
		return fmt.Errorf("srgan: %v compares pixels in any case", g.Variant)
	case g.Adversarial < 0 || g.TV < 0 || g.Pixels < 0 || g.Lattice < 0:
		return fmt.Errorf("srgan: negative weight of a loss: adversarial %g, total variation %g, pixels %g, lattice %g", g.Adversarial, g.TV, g.Pixels, g.Lattice)
	}
	return nil
}

// Players returns the players: the discriminator, if there is one, and the generator, which learn by opt. In a round each
// makes one update on the same batch. The discriminator judges real and enlarged patches in separate passes, which its batch
// normalisation tells apart. It panics if [Game.Check] finds something missing.
func (g Game) Players(opt optim.Optimizer) []train.Player[Pair] {
	if err := g.Check(); err != nil {
		panic(err.Error())
	}
	players := []train.Player[Pair]{{Name: "generator", Model: g.Generator, Opt: opt, Loss: g.generatorLoss}}
	if g.Variant.Adversarial() {
		disc := train.Player[Pair]{Name: "discriminator", Model: g.Discriminator, Opt: opt, Loss: g.discriminatorLoss}
		players = append([]train.Player[Pair]{disc}, players...)
	}
	return players
}

// PaperAdam is the paper's optimiser for a variant and a number of updates in all, 0 for the paper's: Adam at a rate of 1e-4,
// which falls to 1e-5 after the first half unless the variant is SRResNetMSE.
func PaperAdam(v Variant, updates int) optim.Adam {
	if v == SRResNetMSE {
		return optim.Adam{Rate: Rate}
	}
	if updates == 0 {
		updates = AdversarialUpdates
	}
	return optim.Adam{Rate: Rate, Schedule: optim.Milestones{Updates: []int{updates / 2}}}
}

func (g Game) discriminatorLoss(s *train.Step, b Pair) train.Terms {
	// The generator's turn is its own: what this pass does to its running statistics is dropped.
	fake := s.Tape.Aside(func() *autograd.Var {
		return g.Generator.Forward(s.Const(b.LR), &nn.Pass{Train: true, Rand: s.Pass.Rand})
	})
	d := train.Use(s, g.Discriminator)
	real, fakes := d.Forward(s.Const(b.HR), s.Pass), d.Forward(fake, s.Pass)
	return train.Terms{
		{Name: "real", Weight: 1, Value: nn.BCEWithLogitsTo(real, 1, nil)},
		{Name: "fake", Weight: 1, Value: nn.BCEWithLogitsTo(fakes, 0, nil)},
		{Name: "p(real)", Value: autograd.Mean(autograd.Sigmoid(autograd.Detach(real)))},
		{Name: "p(fake)", Value: autograd.Mean(autograd.Sigmoid(autograd.Detach(fakes)))},
	}
}

func (g Game) generatorLoss(s *train.Step, b Pair) train.Terms {
	y := train.Use(s, g.Generator).Forward(s.Const(b.LR), s.Pass)
	hr := s.Const(b.HR)
	terms := train.Terms{g.content(y, hr)}
	if g.Pixels > 0 {
		terms = append(terms, train.Term{Name: "mse", Weight: g.Pixels, Value: nn.MSE(y, hr)})
	}
	if g.Variant.Adversarial() {
		terms = append(terms, train.Term{Name: "adversarial", Weight: g.adversarial(),
			Value: nn.BCEWithLogitsTo(g.Discriminator.Forward(y, s.Pass), 1, nil)})
	}
	if g.TV > 0 {
		terms = append(terms, train.Term{Name: "tv", Weight: g.TV, Value: nn.TV(y)})
	}
	if g.Lattice > 0 {
		terms = append(terms, train.Term{Name: "lattice", Weight: g.Lattice, Value: gan.LatticeLoss(y, hr, b.HR.Dim(1)/b.LR.Dim(1))})
	}
	return terms
}

// content is the term of what is enlarged itself, under the name of what it is compared by.
func (g Game) content(y, hr *autograd.Var) train.Term {
	if g.Content.Features == nil {
		return train.Term{Name: "mse", Weight: 1, Value: nn.MSE(y, hr)}
	}
	return train.Term{Name: g.Content.Name(), Weight: 1, Value: g.Content.Value(y, hr)}
}

func (g Game) adversarial() float64 {
	if g.Adversarial == 0 {
		return AdversarialWeight
	}
	return g.Adversarial
}

// Facts says what the generator is trained for, for the manifest of its checkpoint and the Config of the run.
func (g Game) Facts() map[string]string {
	facts := map[string]string{"variant": g.Variant.String(), "content": "mse"}
	if g.Content.Features != nil {
		facts["content"] = g.Content.Name()
	}
	if g.Pixels > 0 {
		facts["pixels"] = number(g.Pixels)
	}
	if g.Variant.Adversarial() {
		facts["adversarial"] = number(g.adversarial())
	}
	if g.TV > 0 {
		facts["tv"] = number(g.TV)
	}
	if g.Lattice > 0 {
		facts["lattice"] = number(g.Lattice)
	}
	return facts
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
