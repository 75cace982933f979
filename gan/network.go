package gan

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Conditional is a network that takes a condition by itself. y is nil in a game without one.
type Conditional interface {
	Forward(x, y *autograd.Var, pass *nn.Pass) *autograd.Var
}

// Judge is a discriminator that says more than how real its input looks. y is nil in a game without a condition.
type Judge interface {
	Judge(x, y *autograd.Var, pass *nn.Pass) Verdict
}

// Verdict is what a discriminator says about N inputs.
type Verdict struct {
	Logits   *autograd.Var   // (N, …): high for real; one for each input, or for each patch of it
	Classes  *autograd.Var   // (N,K): logits of the classes, for [Auxiliary]; nil if it has no such head
	Features []*autograd.Var // (N, …): hidden layers, for [FeatureMatching]; nil if it shows none
}

// Paint returns what a generator makes of latents z under conditions y, which may be nil. The generator is a
// [Conditional], an [nn.Layer] or an [nn.Plain]; to the input of the latter two the condition is joined, see [Join]. It
// panics for anything else.
func Paint(generator any, z, y *autograd.Var, pass *nn.Pass) *autograd.Var {
	x, ok := forward(generator, z, y, pass)
	if !ok {
		panic(fmt.Sprintf("gan: a %T is no generator: it has no method Forward(z, pass), Forward(z, y, pass) or Forward(z)", generator))
	}
	return x
}

// Look returns what a discriminator says about x under conditions y, which may be nil. The discriminator is a [Judge], or
// one of the kinds that [Paint] takes, which return logits. It panics for anything else.
func Look(discriminator any, x, y *autograd.Var, pass *nn.Pass) Verdict {
	if j, ok := discriminator.(Judge); ok {
		return j.Judge(x, y, pass)
	}
	logits, ok := forward(discriminator, x, y, pass)
	if !ok {
		panic(fmt.Sprintf("gan: a %T is no discriminator: it has no method Forward(x, pass), Forward(x, y, pass), Forward(x) or "+
			"Judge(x, y, pass)", discriminator))
	}
	return Verdict{Logits: logits}
}

func forward(net any, x, y *autograd.Var, pass *nn.Pass) (*autograd.Var, bool) {
	switch net := net.(type) {
	case Conditional:
		return net.Forward(x, y, pass), true
	case nn.Layer:
		return net.Forward(Join(x, y), pass), true
	case nn.Plain:
		return net.Forward(Join(x, y)), true
	}
	return nil, false
}

func isNetwork(net any) bool {
	switch net.(type) {
	case Conditional, nn.Layer, nn.Plain:
		return true
	}
	return false
}
