package txt2img

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// DiscriminatorTerms is the discriminator's loss in one turn, for [train.Player]. The generator is frozen and what it paints
// is a constant: nothing of it is recorded.
func (g Game) DiscriminatorTerms(s *train.Step, b Batch) train.Terms {
	text := s.Const(b.Text)
	z := s.Const(g.latent().Draw(b.Len(), s.Pass.Rand))
	fake := s.Tape.Aside(func() *autograd.Var { return g.Generator.Forward(z, text, s.Pass) })
	right := s.Const(b.Right)
	if !tensor.SameShape(right.Value(), fake.Value()) {
		panic(fmt.Sprintf("txt2img.Game: the generator paints %s, the batch holds %s", tensor.Format(fake.Shape()), tensor.Format(right.Shape())))
	}

	// All pictures are changed alike, so that nothing but what they show tells them apart.
	change := g.change(s, right)
	right, fake = g.show(s, change, right), g.show(s, change, fake)
	d := train.Use(s, g.Discriminator)
	onRight := d.Forward(right, text, s.Pass)
	loss := nn.BCEWithLogitsTo(onRight, 1-g.Smooth, nil)
	var terms train.Terms
	if g.Mismatch > 0 {
		x, t := right, text
		if g.OtherText {
			t = s.Const(want("WrongText", b.WrongText))
		} else {
			x = g.show(s, change, s.Const(want("Wrong", b.Wrong)))
		}
		onWrong := d.Forward(x, t, s.Pass)
		loss = autograd.Add(loss, autograd.Scale(nn.BCEWithLogitsTo(onWrong, 0, nil), float32(g.Mismatch)))
		terms = mismatched(onRight.Value(), onWrong.Value())
	}
	onFake := d.Forward(fake, text, s.Pass)
	loss = autograd.Add(loss, autograd.Scale(nn.BCEWithLogitsTo(onFake, 0, nil), float32(1-g.Mismatch)))
	terms = append(train.Terms{{Name: "loss", Weight: 1, Value: loss}}, terms...)
	if g.Penalty != nil {
		// A pass of its own, which nobody commits, keeps the statistics of batch norm out of it.
		pass := &nn.Pass{Train: true, Rand: s.Pass.Rand}
		score := func(x *autograd.Var) *autograd.Var { return d.Forward(x, text, pass) }
		terms = append(terms, g.Penalty.Terms(gan.Critic{
			Tape: s.Tape, Rand: s.Pass.Rand, Update: s.Update, Real: right.Value(), Fake: fake.Value(),
			OnReal: score, OnFake: score,
		})...)
	}
	return append(terms, gan.Opinion(gan.NonSaturating{}, onRight.Value(), onFake.Value())...)
}

func want(field string, t *tensor.Tensor) *tensor.Tensor {
	if t == nil {
		panic("txt2img.Game: a Mismatch needs Batch." + field + ", which is nil")
	}
	return t
}

// mismatched returns what the discriminator thinks of mismatched pairs, as terms that are only logged.
func mismatched(right, wrong *tensor.Tensor) train.Terms {
	sum, above := 0.0, 0.0
	for i, w := range wrong.Data() {
		sum += float64(w)
		if right.Data()[i] > w {
			above++
		}
	}
	logged := func(name string, v float64) train.Term {
		return train.Term{Name: name, Value: autograd.Const(tensor.Scalar(float32(v)))}
	}
	n := float64(wrong.Len())
	return train.Terms{logged("wrong", sum/n), logged("matching", above/n)}
}

// change draws how the pictures of a turn are augmented; nil means not at all.
func (g Game) change(s *train.Step, x *autograd.Var) *gan.Change {
	if g.Augment == (gan.Augment{}) {
		return nil
	}
	return g.Augment.Draw(x.Dim(0), x.Dim(1), x.Dim(2), s.Pass.Rand)
}

// show returns pictures as the discriminator is to see them.
func (g Game) show(s *train.Step, change *gan.Change, x *autograd.Var) *autograd.Var {
	if change != nil {
		x = change.Apply(x)
	}
	return g.Noise.Add(x, s.Round, s.Pass.Rand)
}
