package gan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// GeneratorTerms is the generator's loss in one turn, for [train.Player]. The discriminator is frozen: gradients flow
// through it, but none are computed for its weights. Latents are drawn anew; conditions are those of the batch.
func (g Game) GeneratorTerms(s *train.Step, b Batch) train.Terms {
	y := g.condition(s, b)
	z := s.Const(g.Latent.Draw(b.Len(), s.Pass.Rand))
	draws := count(s.Pass)
	fake := Paint(train.Use(s, g.Generator), z, y, s.Pass)
	noisy := draws() > 0
	real := s.Const(b.Images)
	sameShape(real, fake)

	change := g.change(fake, s)
	ofFake := Look(g.Discriminator, g.show(s, change, fake), y, s.Pass)
	var ofReal Verdict
	relative, ok := g.Loss.(Relative)
	if ok && relative.Relative() || g.FeatureMatching != 0 {
		ofReal = Look(g.Discriminator, g.show(s, change, real), y, s.Pass)
	}
	terms := train.Terms{{Name: "loss", Weight: 1, Value: g.Loss.Generator(ofReal.Logits, ofFake.Logits)}}
	if g.FeatureMatching != 0 {
		terms = append(terms, train.Term{Name: "features", Weight: g.FeatureMatching, Value: matchFeatures(ofReal, ofFake)})
	}
	if g.Auxiliary != 0 {
		terms = append(terms, train.Term{Name: "classes", Weight: g.Auxiliary, Value: crossEntropy(ofFake, b)})
	}
	if g.Extra != nil {
		terms = append(terms, g.Extra(s, b, fake)...)
	}
	return append(terms, g.variety(b, z, y, fake.Value(), noisy)...)
}

// variety is what [Variety] tells of the fakes. Those of a generator that draws random numbers in training, for dropout, are varied
// even where it has collapsed: of such a one it looks at what it paints without them.
func (g Game) variety(b Batch, z, y *autograd.Var, fake *tensor.Tensor, noisy bool) train.Terms {
	var classes []int
	if _, ok := g.Condition.(Class); ok {
		classes = b.Classes
	}
	terms := train.Terms{saturation(b.Images, fake)}
	if !noisy {
		return append(terms, diversity(b.Images, fake, classes)...)
	}
	n := min(b.Len(), drawn)
	some := func(x *autograd.Var) *autograd.Var {
		if x == nil {
			return nil
		}
		return autograd.Slice(x, 0, 0, n)
	}
	if classes != nil {
		classes = classes[:n]
	}
	still := Paint(g.Generator, some(z), some(y), nil).Value()
	return append(terms, diversity(b.Images.Rows(0, n), still, classes)...)
}

// count returns a function that puts the random numbers of a pass back in place and returns how many have been drawn from them
// since. They are the same numbers.
func count(pass *nn.Pass) func() int {
	rng := pass.Rand
	if rng == nil {
		return func() int { return 0 }
	}
	c := &counter{src: rng}
	pass.Rand = rand.New(c)
	return func() int {
		pass.Rand = rng
		return c.n
	}
}

// counter counts what is drawn from a source.
type counter struct {
	src rand.Source
	n   int
}

// Uint64 implements [rand.Source].
func (c *counter) Uint64() uint64 {
	c.n++
	return c.src.Uint64()
}

// matchFeatures is the mean square of the difference of mean features, summed over the layers shown.
func matchFeatures(real, fake Verdict) *autograd.Var {
	if len(fake.Features) == 0 || len(real.Features) != len(fake.Features) {
		panic("gan.Game: for feature matching the discriminator's Judge must show the same Features at each call")
	}
	var sum *autograd.Var
	for i, f := range fake.Features {
		d := nn.MSE(autograd.Mean(f, 0), autograd.Mean(autograd.Detach(real.Features[i]), 0))
		if sum != nil {
			d = autograd.Add(sum, d)
		}
		sum = d
	}
	return sum
}
