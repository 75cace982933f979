package gan

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Loss is what the two players lower. Its arguments are logits of the discriminator, of any shape: high for what it takes for
// real. Each method returns one element, a mean over the logits.
type Loss interface {
	// Discriminator returns the discriminator's loss on real examples and on fakes.
	Discriminator(real, fake *autograd.Var) *autograd.Var

	// Generator returns the generator's loss on its fakes. real is nil unless the loss is [Relative].
	Generator(real, fake *autograd.Var) *autograd.Var
}

// Relative is a [Loss] whose Generator needs the logits of real examples, too, which costs another forward pass.
type Relative interface {
	Loss
	Relative() bool
}

// Bounded is a [Loss] that draws a line: logits above it mean real. Others measure a distance, on which being right is not
// defined.
type Bounded interface {
	Loss
	Boundary() float64
}

// Minimax is the loss of the original game: the discriminator lowers −E[ln D(x)] − E[ln(1−D(G(z)))] with D = σ(logit), and
// the generator E[ln(1−D(G(z)))], whose gradient vanishes where the discriminator is sure. If D is optimal and the generator
// perfect, the losses are ln 4 and −ln 2. Goodfellow et al. 2014, eq. 1.
type Minimax struct {
	// Smooth lowers the target of real examples from 1 to 1−Smooth, such as 0.1: one-sided label smoothing, which keeps
	// the discriminator from growing too sure. Salimans et al. 2016, §3.4.
	Smooth float32
}

// Discriminator implements [Loss].
func (l Minimax) Discriminator(real, fake *autograd.Var) *autograd.Var {
	return autograd.Add(nn.BCEWithLogitsTo(real, 1-l.Smooth, nil), nn.BCEWithLogitsTo(fake, 0, nil))
}

// Generator implements [Loss].
func (Minimax) Generator(_, fake *autograd.Var) *autograd.Var {
	return autograd.Neg(autograd.Mean(autograd.Softplus(fake)))
}

// Boundary implements [Bounded].
func (Minimax) Boundary() float64 { return 0 }

// NonSaturating is [Minimax] for the discriminator; the generator lowers −E[ln D(G(z))], whose gradient is strong where the
// discriminator is sure. It is what is meant by a GAN when nothing else is said. Goodfellow et al. 2014, §3.
type NonSaturating struct {
	Smooth float32 // as in [Minimax]
}

// Discriminator implements [Loss].
func (l NonSaturating) Discriminator(real, fake *autograd.Var) *autograd.Var {
	return Minimax(l).Discriminator(real, fake)
}

// Generator implements [Loss].
func (NonSaturating) Generator(_, fake *autograd.Var) *autograd.Var {
	return nn.BCEWithLogitsTo(fake, 1, nil)
}

// Boundary implements [Bounded].
func (NonSaturating) Boundary() float64 { return 0 }

// LeastSquares pulls the logits themselves to targets: the discriminator lowers ½E[(D(x)−(1−Smooth))²] + ½E[D(G(z))²], the
// generator ½E[(D(G(z))−1)²]. Mao et al. 2017, eq. 9.
type LeastSquares struct {
	Smooth float32 // as in [Minimax]
}

// Discriminator implements [Loss].
func (l LeastSquares) Discriminator(real, fake *autograd.Var) *autograd.Var {
	return autograd.Add(squareFrom(real, 1-l.Smooth), squareFrom(fake, 0))
}

// Generator implements [Loss].
func (LeastSquares) Generator(_, fake *autograd.Var) *autograd.Var { return squareFrom(fake, 1) }

// Boundary implements [Bounded].
func (LeastSquares) Boundary() float64 { return 0.5 }

// squareFrom is ½E[(x−target)²].
func squareFrom(x *autograd.Var, target float32) *autograd.Var {
	return autograd.Scale(autograd.Mean(autograd.Square(autograd.Shift(x, -target))), 0.5)
}

// Hinge stops pushing a logit that is right by 1: the discriminator lowers E[max(0, 1−D(x))] + E[max(0, 1+D(G(z)))], the
// generator −E[D(G(z))]. It goes with spectral norm. Lim & Ye 2017; Miyato et al. 2018, eq. 16–17.
type Hinge struct{}

// Discriminator implements [Loss].
func (Hinge) Discriminator(real, fake *autograd.Var) *autograd.Var {
	return autograd.Add(nn.Hinge(real, 1), nn.Hinge(fake, -1))
}

// Generator implements [Loss].
func (Hinge) Generator(_, fake *autograd.Var) *autograd.Var { return autograd.Neg(autograd.Mean(fake)) }

// Boundary implements [Bounded].
func (Hinge) Boundary() float64 { return 0 }

// Wasserstein estimates the distance between data and fakes: the discriminator, called a critic, lowers E[D(G(z))] − E[D(x)]
// and the generator −E[D(G(z))]. The critic must be kept smooth, by [GradientPenalty], [ClipWeights] or spectral norm, and
// usually takes several turns. Arjovsky et al. 2017, Algorithm 1.
type Wasserstein struct{}

// Discriminator implements [Loss].
func (Wasserstein) Discriminator(real, fake *autograd.Var) *autograd.Var {
	return autograd.Sub(autograd.Mean(fake), autograd.Mean(real))
}

// Generator implements [Loss].
func (Wasserstein) Generator(_, fake *autograd.Var) *autograd.Var {
	return autograd.Neg(autograd.Mean(fake))
}

// RelativisticAverage lets the discriminator say how much more real an example is than the other kind on average: it is
// [NonSaturating] on D(x)−E[D(G(z))] and D(G(z))−E[D(x)], and the generator's loss is the same with the kinds exchanged.
// The means are over the batch, or over the shard of it. Jolicoeur-Martineau 2019, eq. 10–12.
type RelativisticAverage struct {
	Smooth float32 // as in [Minimax], for the discriminator
}

// Discriminator implements [Loss].
func (l RelativisticAverage) Discriminator(real, fake *autograd.Var) *autograd.Var {
	return Minimax(l).Discriminator(autograd.Sub(real, autograd.Mean(fake)), autograd.Sub(fake, autograd.Mean(real)))
}

// Generator implements [Loss].
func (RelativisticAverage) Generator(real, fake *autograd.Var) *autograd.Var {
	return RelativisticAverage{}.Discriminator(fake, real)
}

// Relative implements [Relative].
func (RelativisticAverage) Relative() bool { return true }
