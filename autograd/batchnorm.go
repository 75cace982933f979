package autograd

import (
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// BatchNorm normalises each channel, the last axis of x, by its own mean μ and biased variance σ² over all other axes,
//
//	y = γ·(x−μ)/√(σ²+ε) + β
//
// gamma and beta are (C), or nil for 1 and 0. It also returns μ and σ², (C), for running averages; they are no part of
// what is differentiated. Ioffe & Szegedy 2015, Algorithm 1.
func BatchNorm(x, gamma, beta *Var, eps float64) (y *Var, mean, variance *tensor.Tensor) {
	return BatchNormThen(x, gamma, beta, eps, NormFinish{})
}

// NormFinish is what follows a normalisation: an activation, an addition, or, in the zero value, nothing.
type NormFinish struct {
	Slope *Var // of [PReLU], (1) or (C); a constant for [LeakyReLU] and, with 0, [ReLU]
	Add   *Var // of the shape of the result; not together with Slope
}

// BatchNormThen is [BatchNorm] followed by f as one operation: what lies between is neither written to memory nor kept for
// the derivative, which computes it again.
func BatchNormThen(x, gamma, beta *Var, eps float64, f NormFinish) (y *Var, mean, variance *tensor.Tensor) {
	return normalise("BatchNorm", x, gamma, beta, []int{x.Dim(-1)}, eps, f)
}

// InstanceNorm is [BatchNorm] with the mean and the variance of each channel of each sample, taken over all axes but the
// first and the last. Ulyanov et al. 2016.
func InstanceNorm(x, gamma, beta *Var, eps float64) *Var {
	y, _, _ := normalise("InstanceNorm", x, gamma, beta, []int{x.Dim(0), x.Dim(-1)}, eps, NormFinish{})
	return y
}

// normalise is one operation; its derivative is one kernel where it is not itself differentiated.
func normalise(op string, x, gamma, beta *Var, stats []int, eps float64, f NormFinish) (y *Var, mean, variance *tensor.Tensor) {
	in := []*Var{x}
	n := norm{op: op, stats: stats, eps: eps}
	enter := func(v *Var) (index int, value *tensor.Tensor) {
		if v == nil {
			return -1, nil
		}
		in = append(in, v)
		return len(in) - 1, v.value
	}
	var finish tensor.NormFinish
	n.gamma, n.scale = enter(gamma)
	n.beta, n.shift = enter(beta)
	n.slope, finish.Slope = enter(f.Slope)
	n.skip, finish.Add = enter(f.Add)
	n.mean, n.variance = Alloc(stats, in...), Alloc(stats, in...)
	tensor.MomentsInto(n.mean, n.variance, x.value)
	out := Alloc(x.Shape(), in...)
	tensor.BatchNormFinishInto(out, x.value, n.mean, n.variance, n.scale, n.shift, eps, finish)
	y = Record(op, out, func(c *Call, g *Var) []*Var {
		if c.OnTape() {
			return n.composed(c, g, len(in))
		}
		return n.fused(c, g, len(in))
	}, in...)
	return y, n.mean, n.variance
}

// norm is a normalisation as its derivative sees it: which input is γ, β, the slope of the activation, or what is added, -1
// if none.
type norm struct {
	op                       string
	gamma, beta, slope, skip int
	stats                    []int
	eps                      float64
	scale, shift             *tensor.Tensor // γ and β, nil if none
	mean, variance           *tensor.Tensor
}

func (n norm) wants(c *Call, i int) bool { return i >= 0 && c.Wants(i) }

func (n norm) fused(c *Call, g *Var, inputs int) []*Var {
	x := c.In(0)
	out := make([]*Var, inputs)
	grads := [4]*tensor.Tensor{}
	for k, i := range [4]int{0, n.gamma, n.beta, n.slope} {
		switch {
		case !n.wants(c, i):
			continue
		case i == 0 && !n.wants(c, n.skip): // g is then no gradient itself
			grads[k] = c.over(g)
		default:
			grads[k] = Alloc(c.In(i).Shape(), g, x)
		}
		out[i] = constOn(g, grads[k])
	}
	if n.wants(c, n.skip) {
		out[n.skip] = g
	}
	var slope *tensor.Tensor
	if n.slope >= 0 {
		slope = c.In(n.slope).value
	}
	tensor.BatchNormActGradInto(grads[0], grads[1], grads[2], grads[3], x.value, g.value, n.mean, n.variance, n.scale, n.shift, slope, n.eps)
	return out
}

// composed is the same derivative in operations that can be differentiated again. The statistics are computed anew,
// as functions of x.
func (n norm) composed(c *Call, g *Var, inputs int) []*Var {
	x := c.In(0)
	out := make([]*Var, inputs)
	shape := x.Shape()
	stats := slices.Clone(shape)
	for i := range len(shape) - 1 {
		if i > 0 || n.mean.Rank() == 1 {
			stats[i] = 1
		}
	}
	count := float32(float64(n.mean.Len()) / float64(x.Len()))
	mean := func(v *Var) *Var { return Scale(SumTo(v, stats...), count) }
	input := func(i int) *Var {
		if i < 0 {
			return nil
		}
		return c.In(i)
	}

	if n.wants(c, n.skip) {
		out[n.skip] = g
	}
	if n.slope >= 0 {
		z, _, _ := normalise(n.op, x, input(n.gamma), input(n.beta), n.stats, n.eps, NormFinish{})
		slope := c.In(n.slope)
		up := leakyReLUGrad(z, g, 0)
		down := Sub(g, up)
		if n.wants(c, n.slope) {
			out[n.slope] = SumTo(Mul(down, z), slope.Shape()...)
		}
		g = Add(up, Mul(down, slope))
	}
	centred := Sub(x, mean(x))
	inverse := Pow(Shift(mean(Square(centred)), float32(n.eps)), -0.5)
	hat := Mul(centred, inverse)
	if n.wants(c, 0) {
		d := Sub(Sub(g, mean(g)), Mul(hat, mean(Mul(g, hat))))
		if n.gamma >= 0 {
			// γ commutes with the means: they are taken of one channel.
			inverse = Mul(inverse, c.In(n.gamma))
		}
		out[0] = Mul(d, inverse)
	}
	if n.wants(c, n.gamma) {
		out[n.gamma] = SumTo(Mul(g, hat), c.In(n.gamma).Shape()...)
	}
	if n.wants(c, n.beta) {
		out[n.beta] = SumTo(g, c.In(n.beta).Shape()...)
	}
	return out
}

// ChannelAffine returns x·scale + shift with one scale and one shift, (C), for each channel, the last axis of x.
func ChannelAffine(x, scale, shift *Var) *Var {
	y := Alloc(x.Shape(), x, scale, shift)
	tensor.ChannelAffineInto(y, x.value, scale.value, shift.value)
	return Record("ChannelAffine", y, func(c *Call, g *Var) []*Var {
		out := []*Var{nil, nil, sumToIf(c, 2, g)}
		if c.Wants(0) {
			out[0] = Mul(g, c.In(1))
		}
		if c.Wants(1) {
			out[1] = SumTo(Mul(g, c.In(0)), c.In(1).Shape()...)
		}
		return out
	}, x, scale, shift)
}
