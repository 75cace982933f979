package gan

import (
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Opinion returns what the discriminator of a game with a loss thinks, given its logits, as the terms that [Game] logs for it
// with weight 0. It is for games of one's own that a [Monitor] watches.
func Opinion(loss Loss, real, fake *tensor.Tensor) train.Terms {
	terms := train.Terms{logged("real", mean(real)), logged("fake", mean(fake))}
	if b, ok := loss.(Bounded); ok {
		terms = append(terms, logged("accuracy", (above(real, b.Boundary())+1-above(fake, b.Boundary()))/2))
	}
	return terms
}

// Variety returns how varied fakes are and how far at the ends of their range, both in comparison with real examples, as the
// terms that [Game] logs for the generator with weight 0. It is for games of one's own that a [Monitor] watches. The fakes should be
// free of dropout, which makes the same sample again look like another.
func Variety(real, fake *tensor.Tensor) train.Terms {
	return append(train.Terms{saturation(real, fake)}, diversity(real, fake, nil)...)
}

// saturation is the share of values of fakes at the ends of the range of real examples, beyond the share of those themselves.
func saturation(real, fake *tensor.Tensor) train.Term {
	top := 0.0
	for _, v := range real.Data() {
		top = max(top, math.Abs(float64(v)))
	}
	return logged("saturation", max(0, atEnds(fake, top)-atEnds(real, top)))
}

// diversity is how much fakes vary in proportion to real examples: within the same class, if there are classes. It has no term where
// real examples do not vary.
func diversity(real, fake *tensor.Tensor, classes []int) train.Terms {
	of := spread(real, classes)
	if of == 0 {
		return nil
	}
	return train.Terms{logged("diversity", spread(fake, classes)/of)}
}

func logged(name string, v float64) train.Term {
	return train.Term{Name: name, Value: autograd.Const(tensor.Scalar(float32(v)))}
}

func mean(x *tensor.Tensor) float64 {
	s := 0.0
	for _, v := range x.Data() {
		s += float64(v)
	}
	return s / float64(x.Len())
}

// deviation is the standard deviation of all elements.
func deviation(x *tensor.Tensor) float64 {
	m, s := mean(x), 0.0
	for _, v := range x.Data() {
		s += (float64(v) - m) * (float64(v) - m)
	}
	return math.Sqrt(s / float64(x.Len()))
}

// above is the share of elements above a line.
func above(x *tensor.Tensor, line float64) float64 {
	n := 0
	for _, v := range x.Data() {
		if float64(v) > line {
			n++
		}
	}
	return float64(n) / float64(x.Len())
}

// atEnds is the share of elements within a hundredth of ±top, or beyond.
func atEnds(x *tensor.Tensor, top float64) float64 {
	n := 0
	for _, v := range x.Data() {
		if math.Abs(float64(v)) >= 0.99*top {
			n++
		}
	}
	return float64(n) / float64(x.Len())
}

// spread is the root of the variance of an element over the batch, or over the examples of a class, averaged over the elements of an
// example and all examples.
func spread(x *tensor.Tensor, classes []int) float64 {
	n := x.Dim(0)
	size := x.Len() / n
	of := func(i int) int {
		if classes == nil {
			return 0
		}
		return classes[i]
	}
	type group struct {
		n   int
		sum []float64
	}
	groups := map[int]*group{}
	for i := range n {
		g := groups[of(i)]
		if g == nil {
			g = &group{sum: make([]float64, size)}
			groups[of(i)] = g
		}
		g.n++
		for k, v := range x.Data()[i*size : (i+1)*size] {
			g.sum[k] += float64(v)
		}
	}
	s := 0.0
	for i := range n {
		g := groups[of(i)]
		for k, v := range x.Data()[i*size : (i+1)*size] {
			d := float64(v) - g.sum[k]/float64(g.n)
			s += d * d
		}
	}
	return math.Sqrt(s / float64(x.Len()))
}
