package gan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Projection is the last layer of a discriminator: logits (N,1) of features φ (N,F) under conditions y (N,D),
//
//	φ·w + b + Σ φ⊙(V·y)
//
// so that a condition asks for a direction of the features. Made without a condition it is a linear layer. Miyato & Koyama
// 2018, eq. 3.
type Projection struct {
	Score any `nn:"score"` // w and b: a *nn.Linear, or a *nn.SpectralNorm of one
	Embed any `nn:"embed"` // V: the same; nil without a condition

	condition int
}

// NewProjection returns the layer for so many features and conditions of a size, 0 for none. With spectral set, both of its
// matrices have spectral norm.
func NewProjection(features, condition int, spectral bool, rng *rand.Rand) *Projection {
	layer := func(in, out int, o nn.LinearOptions) any {
		l := nn.NewLinear(in, out, o, rng)
		if spectral {
			return nn.NewSpectralNorm(l, rng)
		}
		return l
	}
	l := &Projection{Score: layer(features, 1, nn.LinearOptions{}), condition: condition}
	if condition > 0 {
		l.Embed = layer(condition, features, nn.LinearOptions{NoBias: true})
	}
	return l
}

// Forward returns the logits. It panics if the features or the conditions do not fit.
func (l *Projection) Forward(features, y *autograd.Var, pass *nn.Pass) *autograd.Var {
	if features.Rank() != 2 {
		panic(fmt.Sprintf("gan.Projection: want features (N,F), got %s", tensor.Format(features.Shape())))
	}
	wantCondition("gan.Projection", l.condition, y)
	logits, _ := forward(l.Score, features, nil, pass)
	if y == nil {
		return logits
	}
	v, _ := forward(l.Embed, y, nil, pass)
	return autograd.Add(logits, autograd.Sum(autograd.Mul(features, v), 1).Reshape(-1, 1))
}
