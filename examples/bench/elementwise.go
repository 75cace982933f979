package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
)

func elementwiseCases() []bench {
	var out []bench
	for _, name := range []string{
		"add/fwd", "relu/fwd", "relu/fwdbwd", "lrelu/fwd", "lrelu/fwdbwd", "prelu/fwd", "prelu/fwdbwd",
		"bn/fwd", "bn/fwdbwd", "tanh/fwd", "tanh/fwdbwd", "sigmoid/fwd", "sigmoid/fwdbwd",
	} {
		op, pass, _ := strings.Cut(name, "/")
		passes := 2.0 // over a tensor: x and y, or x, g and the gradient as well
		switch {
		case op == "bn" && pass == "fwdbwd":
			passes = 8 // statistics are a pass of their own, and so are the sums of the gradient
		case pass == "fwdbwd":
			passes = 5
		case op == "add" || op == "bn":
			passes = 3
		}
		out = append(out, bench{
			name:  fmt.Sprintf("ew/%s/n16c64-96/%s", op, pass),
			bytes: passes * 4 * 16 * 96 * 96 * 64,
			setup: func(bool) (func(), error) { return elementwise(op, pass == "fwdbwd") },
		})
	}
	return append(out, bench{name: "ew/adam/16M", bytes: 7 * 4 * 16777216, setup: func(bool) (func(), error) {
		const n = 16777216
		rng := newRand()
		p := autograd.Const(tensor.RandN(rng, n))
		g := tensor.RandN(rng, n)
		before := p.Value().At(5)
		opt := optim.Adam{Rate: 1e-4}.Init([]*autograd.Var{p})
		run := func() { opt.Step([]*tensor.Tensor{g}) }
		run()
		// The first step of Adam is the rate, against the sign of the gradient (Kingma & Ba 2015, §2.1).
		want := float64(before) - math.Copysign(1e-4, float64(g.At(5)))
		if math.Abs(float64(p.Value().At(5))-want) > 1e-6 {
			return nil, fmt.Errorf("parameter 5 is %g, should be %g", p.Value().At(5), want)
		}
		return run, nil
	}})
}

func elementwise(op string, backward bool) (func(), error) {
	rng := newRand()
	x, g := tensor.RandN(rng, 16, 96, 96, 64), tensor.RandN(rng, 16, 96, 96, 64)
	y, dx := tensor.New(x.Shape()...), tensor.New(x.Shape()...)
	channel := func(v float32) *tensor.Tensor { return tensor.Full(v, 64) }
	slope, dslope := channel(0.25), channel(0)
	mean, variance, gamma, beta := channel(0), channel(0), channel(1), channel(0)
	dgamma, dbeta := channel(0), channel(0)
	const eps = 1e-5

	var forward, back func()
	var value, derivative func(x, g float64) float64
	leaky := func(slope float32) {
		forward = func() { tensor.LeakyReLUInto(y, x, slope) }
		back = func() { tensor.LeakyReLUGradInto(dx, x, g, slope) }
	}
	steps := func(slope float64) {
		side := func(x, v float64) float64 {
			if x > 0 {
				return v
			}
			return slope * v
		}
		value = func(x, _ float64) float64 { return side(x, x) }
		derivative = side
	}
	switch op {
	case "add":
		forward = func() { tensor.AddInto(y, x, g) }
		value = func(x, g float64) float64 { return x + g }
	case "relu":
		leaky(0)
		steps(0)
	case "lrelu":
		leaky(0.2)
		steps(float64(float32(0.2)))
	case "prelu":
		steps(0.25)
		forward = func() { tensor.PReLUInto(y, x, slope) }
		back = func() { tensor.PReLUGradInto(dx, dslope, x, slope, g) }
	case "bn":
		forward = func() {
			tensor.MomentsInto(mean, variance, x)
			tensor.BatchNormInto(y, x, mean, variance, gamma, beta, eps)
		}
		back = func() { tensor.BatchNormGradInto(dx, dgamma, dbeta, x, g, mean, variance, gamma, eps) }
	case "tanh":
		forward, back = func() { tensor.TanhInto(y, x) }, func() { tensor.TanhGradInto(dx, y, g) }
		value = func(x, _ float64) float64 { return math.Tanh(x) }
		derivative = func(x, g float64) float64 { return g * (1 - math.Pow(math.Tanh(x), 2)) }
	case "sigmoid":
		forward, back = func() { tensor.SigmoidInto(y, x) }, func() { tensor.SigmoidGradInto(dx, y, g) }
		sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
		value = func(x, _ float64) float64 { return sigmoid(x) }
		derivative = func(x, g float64) float64 { return g * sigmoid(x) * (1 - sigmoid(x)) }
	}
	run := forward
	if backward {
		run = func() { forward(); back() }
	}
	run()
	if op == "bn" {
		// The result has mean 0 and variance 1.
		m, v := channel(0), channel(0)
		tensor.MomentsInto(m, v, y)
		if math.Abs(float64(m.At(3))) > 1e-5 || math.Abs(float64(v.At(3))-1) > 1e-3 {
			return nil, fmt.Errorf("channel 3 has mean %g and variance %g, should be 0 and 1", m.At(3), v.At(3))
		}
		return run, nil
	}
	check := func(got *tensor.Tensor, f func(x, g float64) float64) error {
		return sample(got, false, rng, func(at []int) (float64, float64) {
			v := f(float64(x.At(at...)), float64(g.At(at...)))
			return v, v * v
		})
	}
	if err := check(y, value); err != nil {
		return nil, err
	}
	if backward {
		return run, check(dx, derivative)
	}
	return run, nil
}
