package gan

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// DiscriminatorTerms is the discriminator's loss in one turn, for [train.Player]. The generator is frozen and its fakes
// are constants: nothing of it is recorded.
func (g Game) DiscriminatorTerms(s *train.Step, b Batch) train.Terms {
	onReal, onFake := b, b
	if g.Joint {
		n := b.Len()
		if n%2 != 0 {
			panic(fmt.Sprintf("gan.Game: a joint batch needs an even number of examples, got %d", n))
		}
		onReal, onFake = b.rows(0, n/2), b.rows(n/2, n)
	}
	yReal, yFake := g.condition(s, onReal), g.condition(s, onFake)
	z := s.Const(g.Latent.Draw(onFake.Len(), s.Pass.Rand))
	fake := s.Tape.Aside(func() *autograd.Var { return Paint(g.Generator, z, yFake, s.Pass) })
	real := s.Const(onReal.Images)
	sameShape(real, fake)

	change := g.change(real, s)
	real, fake = g.show(s, change, real), g.show(s, change, fake)
	d := train.Use(s, g.Discriminator)
	ofReal, ofFake := g.verdicts(s, d, real, fake, yReal, yFake)
	loss := g.Loss.Discriminator(ofReal.Logits, ofFake.Logits)
	if g.Joint {
		loss = autograd.Scale(loss, 0.5)
	}
	terms := train.Terms{{Name: "loss", Weight: 1, Value: loss}}
	if g.Auxiliary != 0 {
		classes := autograd.Add(crossEntropy(ofReal, onReal), crossEntropy(ofFake, onFake))
		terms = append(terms, train.Term{Name: "classes", Weight: g.Auxiliary, Value: classes})
	}
	if g.Penalty != nil {
		score := func(y *autograd.Var) func(*autograd.Var) *autograd.Var {
			// A pass of its own, which nobody commits, keeps the statistics of batch norm out of it.
			pass := &nn.Pass{Train: true, Rand: s.Pass.Rand}
			return func(x *autograd.Var) *autograd.Var { return Look(d, x, y, pass).Logits }
		}
		terms = append(terms, g.Penalty.Terms(Critic{
			Tape: s.Tape, Rand: s.Pass.Rand, Update: s.Update, Real: real.Value(), Fake: fake.Value(),
			OnReal: score(yReal), OnFake: score(yFake),
		})...)
	}
	return append(terms, Opinion(g.Loss, ofReal.Logits.Value(), ofFake.Logits.Value())...)
}

// verdicts judges real examples and fakes, in one batch or two.
func (g Game) verdicts(s *train.Step, d any, real, fake, yReal, yFake *autograd.Var) (ofReal, ofFake Verdict) {
	if !g.Joint {
		return Look(d, real, yReal, s.Pass), Look(d, fake, yFake, s.Pass)
	}
	n := real.Dim(0)
	y := yReal
	if y != nil {
		y = autograd.Concat(0, yReal, yFake)
	}
	both := Look(d, autograd.Concat(0, real, fake), y, s.Pass)
	logits := autograd.Split(both.Logits, 0, n, n)
	ofReal.Logits, ofFake.Logits = logits[0], logits[1]
	if both.Classes != nil {
		classes := autograd.Split(both.Classes, 0, n, n)
		ofReal.Classes, ofFake.Classes = classes[0], classes[1]
	}
	return ofReal, ofFake
}

// change draws how the pictures of a turn are augmented; nil means not at all.
func (g Game) change(x *autograd.Var, s *train.Step) *Change {
	if g.Augment == (Augment{}) {
		return nil
	}
	if x.Rank() != 4 {
		panic("gan.Game: only pictures (N,H,W,C) can be augmented, got " + tensor.Format(x.Shape()))
	}
	return g.Augment.Draw(x.Dim(0), x.Dim(1), x.Dim(2), s.Pass.Rand)
}

// show returns x as the discriminator is to see it.
func (g Game) show(s *train.Step, change *Change, x *autograd.Var) *autograd.Var {
	if change != nil {
		x = change.Apply(x)
	}
	return g.Noise.Add(x, s.Round, s.Pass.Rand)
}

func crossEntropy(v Verdict, b Batch) *autograd.Var {
	if v.Classes == nil || b.Classes == nil {
		panic("gan.Game: an auxiliary classifier needs Classes in the batch and in what the discriminator's Judge returns")
	}
	return nn.CrossEntropy(v.Classes, b.Classes)
}

func sameShape(real, fake *autograd.Var) {
	if !tensor.SameShape(real.Value(), fake.Value()) {
		panic(fmt.Sprintf("gan.Game: the generator makes %s, the batch holds %s", tensor.Format(fake.Shape()), tensor.Format(real.Shape())))
	}
}
