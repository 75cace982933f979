package draw

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Aligner weighs the words of a caption by the state of the decoder,
//
//	e_k = vᵀ tanh(U·word_k + W·h + b),  α = softmax(e)
//
// Mansimov et al. 2016, eqs. 6 and 7; Bahdanau et al. 2015.
type Aligner struct {
	Word  *nn.Linear `nn:"word"`  // U and b
	State *nn.Linear `nn:"state"` // W
	Score *nn.Linear `nn:"score"` // v
}

func newAligner(o Options, init nn.Init, rng *rand.Rand) *Aligner {
	noBias := nn.LinearOptions{NoBias: true, Init: init}
	return &Aligner{
		nn.NewLinear(2*o.Language, o.Align, nn.LinearOptions{Init: init}, rng),
		nn.NewLinear(o.Hidden, o.Align, noBias, rng),
		nn.NewLinear(o.Align, 1, noBias, rng),
	}
}

// weigh returns the weights α (N,L) for a state h (N,H). keys (N,L,A) is what Word makes of the words.
func (a *Aligner) weigh(keys, h *autograd.Var) *autograd.Var {
	n, l := keys.Dim(0), keys.Dim(1)
	match := autograd.Tanh(autograd.Add(keys, a.State.Forward(h).Reshape(n, 1, -1)))
	return autograd.Softmax(a.Score.Forward(match).Reshape(n, l))
}

// text is a batch of captions as the steps of a model see it.
type text struct {
	fixed       *autograd.Var // (N,S), the same for all steps; nil with an Aligner or without text
	words, keys *autograd.Var // (N,L,2h) and (N,L,A), for an Aligner
}

// context returns what the decoder sees of the text in a step, nil without text, and with an Aligner its weights.
func (m *Model) context(t text, h *autograd.Var) (s, weights *autograd.Var) {
	if t.words == nil {
		return t.fixed, nil
	}
	n, l := t.words.Dim(0), t.words.Dim(1)
	weights = m.Align.weigh(t.keys, h)
	return autograd.MatMul(weights.Reshape(n, 1, l), t.words).Reshape(n, -1), weights
}
