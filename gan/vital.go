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
// terms that [Game] logs for the generator with weight 0. It is for games of one's own that a [Monitor] watches.
func Variety(real, fake *tensor.Tensor) train.Terms {
	top := 0.0
	for _, v := range real.Data() {
		top = max(top, math.Abs(float64(v)))
	}
	terms := train.Terms{logged("saturation", max(0, atEnds(fake, top)-atEnds(real, top)))}
	if of := spread(real); of > 0 {
		terms = append(terms, logged("diversity", spread(fake)/of))
	}
	return terms
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

// spread is the root of the variance of an element over the batch, averaged over the elements of an example.
func spread(x *tensor.Tensor) float64 {
	n := x.Dim(0)
	size := x.Len() / n
	means := make([]float64, size)
	for i, v := range x.Data() {
		means[i%size] += float64(v) / float64(n)
	}
	s := 0.0
	for i, v := range x.Data() {
		d := float64(v) - means[i%size]
		s += d * d
	}
	return math.Sqrt(s / float64(x.Len()))
}
