package draw

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Language reads captions from both ends, word by word. Mansimov et al. 2016, §3.1. Both directions start from one learned
// state. The released code reverses the order of the captions in a batch where the backward direction should reverse that of
// the words; here it reads each caption from its end.
type Language struct {
	Ahead *Reader       `nn:"ahead"`
	Back  *Reader       `nn:"back"`
	Start *autograd.Var `nn:"start"` // (h)
}

// Reader is the memory of one direction. A word is one of 1 to V, so that its part of the gates is a row of a table.
type Reader struct {
	Words *nn.Embedding `nn:"words"` // (V,4h)
	State *nn.Linear    `nn:"state"` // h to 4h
}

func newLanguage(o Options, init nn.Init, rng *rand.Rand) *Language {
	reader := func() *Reader {
		return &Reader{
			nn.NewEmbedding(o.Words, 4*o.Language, init, rng),
			nn.NewLinear(o.Language, 4*o.Language, nn.LinearOptions{Init: init}, rng),
		}
	}
	return &Language{reader(), reader(), learned(o.Language)}
}

// read returns what the directions have in mind at each word of n captions of l words, (n,l,2h), and at their ends, (n,2h).
func (g *Language) read(words []int, n int) (each, end *autograd.Var) {
	l := len(words) / n
	ahead, back := g.Ahead.read(words, n, g.Start, false), g.Back.read(words, n, g.Start, true)
	each = autograd.Concat(2, autograd.Stack(1, ahead...), autograd.Stack(1, back...))
	return each, autograd.Concat(1, ahead[l-1], back[0])
}

// read returns the outputs (n,h) at each word.
func (r *Reader) read(words []int, n int, start *autograd.Var, reverse bool) []*autograd.Var {
	l, h := len(words)/n, start.Len()
	byTime := make([]int, 0, len(words))
	for t := range l {
		for i := range n {
			byTime = append(byTime, words[i*l+t])
		}
	}
	gates := steps(r.Words.Forward(byTime, l, n))
	s := memory{autograd.BroadcastTo(start, n, h), zeros(start, n, h)}
	out := make([]*autograd.Var, l)
	for i := range l {
		t := i
		if reverse {
			t = l - 1 - i
		}
		s = remember(autograd.Add(r.State.Forward(s.h), gates[t]), s.c)
		out[t] = s.h
	}
	return out
}

// steps cuts x (L,N,C) into L times (N,C). It halves x again and again: the gradient of a cut is as large as what is cut, so
// cutting every step from the whole would take quadratic time.
func steps(x *autograd.Var) []*autograd.Var {
	l := x.Dim(0)
	if l == 1 {
		return []*autograd.Var{x.Reshape(x.Dim(1), x.Dim(2))}
	}
	return append(steps(autograd.Slice(x, 0, 0, l/2)), steps(autograd.Slice(x, 0, l/2, l))...)
}

// zeros returns constants of a shape that share the memory of the step that v belongs to, so that what is computed from them does
// so as well.
func zeros(v *autograd.Var, shape ...int) *autograd.Var {
	one := autograd.Slice(autograd.Detach(v).Reshape(-1), 0, 0, 1)
	return autograd.BroadcastTo(autograd.Scale(one, 0), shape...)
}

// learned returns zeros that learn.
func learned(shape ...int) *autograd.Var { return autograd.Const(tensor.New(shape...)) }
