package gan

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
)

// GeneratorTerms is the generator's loss in one turn, for [train.Player]. The discriminator is frozen: gradients flow
// through it, but none are computed for its weights. Latents are drawn anew; conditions are those of the batch.
func (g Game) GeneratorTerms(s *train.Step, b Batch) train.Terms {
	y := g.condition(s, b)
	z := s.Const(g.Latent.Draw(b.Len(), s.Pass.Rand))
	fake := Paint(train.Use(s, g.Generator), z, y, s.Pass)
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
	return append(terms, Variety(b.Images, fake.Value())...)
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
