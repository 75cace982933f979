package lapgan

import (
	"fmt"
	"sync"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Game trains a generator against a discriminator at one level. Half of what the discriminator sees is real and half is
// generated, drawn apart, each with its own low-pass image, and its loss is one mean over both halves: the coin of the
// paper's Algorithm 1, thrown with exactly as many heads as tails. The generator lowers −E[ln D]. Denton et al. 2015, §3.
type Game struct {
	Generator     Generator
	Discriminator Discriminator
	Classes       int // that the networks are told of; 0 means none

	Turns int // updates of the discriminator in a round; 0 means 1

	// Gated lets only one of the players learn when the other is behind, as the code for LSUN does. With the discriminator's
	// losses F on generated and R on real examples: if F > R + 0.3 the discriminator learns and the generator does not;
	// otherwise the generator does, and the discriminator too if R > 0.7. Batches cannot be cut into shards then.
	Gated bool

	// Content is the weight of a term "content" of the generator's loss, the mean absolute difference between the residuals that it
	// makes and those of the images that the low-pass images are of. It takes away grain and colours that are not there, and
	// variety with them; the paper has no such term. It has no effect at the coarsest level.
	Content float64

	// Lattice is the weight of a term "lattice" of the generator's loss: dots and stripes at every 4 pixels that are not in the image
	// that the low-pass image is of ([gan.LatticeLoss]). Generators that enlarge on their way, such as [Deep], leave them in even colours;
	// the paper's do not. It has no effect at the coarsest level.
	Lattice float64

	EMA float64 // decay of an average of the generator; 0 means none

	// Penalty keeps the discriminator smooth, as a function of what it judges; nil means none. [gan.R1] keeps games on small sets
	// from running away. Batch norm or dropout in the discriminator are seen through as they are.
	Penalty gan.Penalty

	// Augment changes all images that the discriminator sees, and their low-pass images by the same draw, so that it cannot
	// learn a small set of pictures by heart.
	Augment gan.Augment
}

// Players returns the players "discriminator" and "generator", who move in this order. A batch has examples for both: the
// discriminator takes the first half of it, again half of that for real and half for its low-pass images only, and the
// generator takes the low-pass images of the second half. So batches of 2·128 are those of the paper. Besides their losses
// the discriminator logs those on either half, "real" and "fake".
//
// It panics if a network is missing.
func (g Game) Players(discriminator, generator optim.Optimizer) []train.Player[Batch] {
	if g.Generator == nil || g.Discriminator == nil {
		panic("lapgan.Game: want a Generator and a Discriminator")
	}
	gate := &gate{}
	return []train.Player[Batch]{
		{
			Name: "discriminator", Model: g.Discriminator, Opt: discriminator, Turns: g.Turns,
			Loss: func(s *train.Step, b Batch) train.Terms { return g.discriminate(s, b, gate) },
		},
		{
			Name: "generator", Model: g.Generator, Opt: generator, EMA: g.EMA,
			Loss: func(s *train.Step, b Batch) train.Terms { return g.generate(s, b, gate) },
		},
	}
}

func (g Game) discriminate(s *train.Step, b Batch, gate *gate) train.Terms {
	n := b.Len()
	if n%4 != 0 {
		panic(fmt.Sprintf("lapgan.Game: want a multiple of 4 examples in a batch, or in a shard of it, got %d", n))
	}
	of := func(part Batch) (low, class *autograd.Var) { return g.conditions(s, part) }
	onReal, onFake := b.Rows(0, n/4), b.Rows(n/4, n/2)
	low, class := of(onFake)
	z := s.Const(g.Generator.Noise(n/4, s.Pass.Rand))
	fake := s.Tape.Aside(func() *autograd.Var { return g.Generator.Forward(z, low, class, s.Pass) })
	sameShape(onReal.Target, fake)

	low, class = of(b.Rows(0, n/2))
	both := autograd.Concat(0, s.Const(onReal.Target), fake)
	both, low = g.augment(s, both, low)
	d := train.Use(s, g.Discriminator)
	logits := d.Forward(both, low, class, s.Pass).Reshape(n / 2)
	halves := autograd.Split(logits, 0, n/4, n/4)
	real, generated := nn.BCEWithLogitsTo(halves[0], 1, nil), nn.BCEWithLogitsTo(halves[1], 0, nil)
	if g.Gated && !gate.decide(s, float64(real.Item()), float64(generated.Item())) {
		return nil
	}
	terms := train.Terms{
		{Name: "loss", Weight: 1, Value: autograd.Scale(autograd.Add(real, generated), 0.5)},
		{Name: "real", Value: real}, {Name: "fake", Value: generated},
	}
	if g.Penalty == nil {
		return terms
	}
	half := func(lo, hi int) (x *tensor.Tensor, on func(*autograd.Var) *autograd.Var) {
		of := func(v *autograd.Var) *autograd.Var {
			if v == nil {
				return nil
			}
			return s.Const(v.Value().Rows(lo, hi))
		}
		low, class := of(low), of(class)
		return both.Value().Rows(lo, hi), func(x *autograd.Var) *autograd.Var { return d.Forward(x, low, class, s.Pass) }
	}
	c := gan.Critic{Tape: s.Tape, Rand: s.Pass.Rand, Update: s.Update}
	c.Real, c.OnReal = half(0, n/4)
	c.Fake, c.OnFake = half(n/4, n/2)
	return append(terms, g.Penalty.Terms(c)...)
}

func (g Game) generate(s *train.Step, b Batch, gate *gate) train.Terms {
	if g.Gated && !gate.open(s) {
		return nil
	}
	b = b.Rows(b.Len()/2, b.Len())
	low, class := g.conditions(s, b)
	z := s.Const(g.Generator.Noise(b.Len(), s.Pass.Rand))
	fake := train.Use(s, g.Generator).Forward(z, low, class, s.Pass)
	var terms train.Terms
	if g.Content != 0 && low != nil {
		far := autograd.Mean(autograd.Abs(autograd.Sub(fake, s.Const(b.Target))))
		terms = append(terms, train.Term{Name: "content", Weight: g.Content, Value: far})
	}
	if g.Lattice != 0 && low != nil {
		terms = append(terms, train.Term{Name: "lattice", Weight: g.Lattice, Value: gan.LatticeLoss(fake, s.Const(b.Target), min(4, fake.Dim(1), fake.Dim(2)))})
	}
	fake, low = g.augment(s, fake, low)
	logits := g.Discriminator.Forward(fake, low, class, s.Pass)
	return append(train.Terms{{Name: "loss", Weight: 1, Value: nn.BCEWithLogitsTo(logits, 1, nil)}}, terms...)
}

// augment changes images, h or low + h, and their low-pass images alike; it returns the residuals between the two.
func (g Game) augment(s *train.Step, h, low *autograd.Var) (*autograd.Var, *autograd.Var) {
	if g.Augment == (gan.Augment{}) {
		return h, low
	}
	shape := h.Shape()
	change := g.Augment.Draw(shape[0], shape[1], shape[2], s.Pass.Rand)
	if low == nil {
		return change.Apply(h), nil
	}
	full := change.Apply(autograd.Add(low, h))
	low = change.Apply(low)
	return autograd.Sub(full, low), low
}

// conditions returns what the networks are told about a batch.
func (g Game) conditions(s *train.Step, b Batch) (low, class *autograd.Var) {
	if b.Low != nil {
		low = s.Const(b.Low)
	}
	if c := b.Given().classes("lapgan.Game", g.Classes); c != nil {
		class = s.Const(c.Value())
	}
	return low, class
}

func sameShape(target *tensor.Tensor, fake *autograd.Var) {
	if !tensor.SameShape(target, fake.Value()) {
		panic(fmt.Sprintf("lapgan.Game: the generator makes %s, the batch holds %s", tensor.Format(fake.Shape()),
			tensor.Format(target.Shape())))
	}
}

// gate passes the discriminator's decision on to the generator. It matters within a round only, so that a run goes on from a
// checkpoint as if it had not stopped.
type gate struct {
	mu        sync.Mutex
	round     int
	generator bool
}

// decide takes the losses of the discriminator and returns whether it is to learn.
func (g *gate) decide(s *train.Step, real, fake float64) bool {
	if s.Shards > 1 {
		panic("lapgan.Game: a Gated game cannot be played in shards: who learns depends on the whole batch")
	}
	discriminator, generator := gates(real, fake)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.round, g.generator = s.Round, generator
	return discriminator
}

func (g *gate) open(s *train.Step) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.round == s.Round && g.generator
}

// gates says who learns at which losses of the discriminator.
func gates(real, fake float64) (discriminator, generator bool) {
	const margin, ceiling = 0.3, 0.7
	ahead := fake > real+margin
	return ahead || real > ceiling, !ahead
}
