package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
)

func cases() []bench {
	var out []bench
	out = append(out, gemmCases()...)
	out = append(out, convCases()...)
	out = append(out, elementwiseCases()...)
	out = append(out, inferCases()...)
	return append(out, trainCases()...)
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func gemmCases() []bench {
	var out []bench
	for _, s := range [][3]int{
		{512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048},
		{576, 64, 576}, {9216, 64, 576}, {64, 8192, 4608}, {16, 1024, 8192},
	} {
		m, n, k := s[0], s[1], s[2]
		name := fmt.Sprintf("gemm/f32/%dx%dx%d", m, n, k)
		if m == n && n == k {
			name = fmt.Sprintf("gemm/f32/%d", m)
		}
		out = append(out, bench{name: name, flops: 2 * float64(m) * float64(n) * float64(k), setup: func() (func(), error) {
			rng := newRand()
			a, b, c := tensor.RandN(rng, m, k), tensor.RandN(rng, k, n), tensor.New(m, n)
			run := func() { tensor.MatMulInto(c, a, b, false, false) }
			run()
			return run, sample(c, rng, func(at []int) (want, scale float64) {
				for p := range k {
					want, scale = addProduct(want, scale, a.At(at[0], p), b.At(p, at[1]))
				}
				return want, scale
			})
		}})
	}
	return out
}

// convCase is a convolution, or with transposed set a transposed one, of square images.
type convCase struct {
	n, in, side, out, kernel, stride, pad int
	transposed                            bool
}

func convCases() []bench {
	var out []bench
	for _, c := range []convCase{
		{n: 16, in: 64, side: 96, out: 64, kernel: 3, stride: 1, pad: 1},
		{n: 16, in: 64, side: 24, out: 64, kernel: 3, stride: 1, pad: 1},
		{n: 16, in: 64, side: 24, out: 256, kernel: 3, stride: 1, pad: 1},
		{n: 8, in: 512, side: 12, out: 512, kernel: 3, stride: 1, pad: 1},
		{n: 16, in: 3, side: 24, out: 64, kernel: 9, stride: 1, pad: 4},
		{n: 16, in: 64, side: 96, out: 3, kernel: 9, stride: 1, pad: 4},
		{n: 64, in: 64, side: 32, out: 128, kernel: 5, stride: 2, pad: 2},
		{n: 64, in: 64, side: 32, out: 128, kernel: 4, stride: 2, pad: 1},
		{n: 128, in: 64, side: 32, out: 64, kernel: 7, stride: 1, pad: 3},
		{n: 64, in: 256, side: 8, out: 128, kernel: 4, stride: 2, pad: 1, transposed: true},
		{n: 64, in: 256, side: 16, out: 128, kernel: 4, stride: 2, pad: 1, transposed: true},
	} {
		out = append(out, c.bench(false), c.bench(true))
	}
	return out
}

func (c convCase) bench(backward bool) bench {
	kind, stride, pass, passes := "conv", "", "fwd", 1.0
	if c.transposed {
		kind = "convt"
	}
	if c.stride > 1 {
		stride = fmt.Sprintf("s%d", c.stride)
	}
	if backward {
		pass, passes = "fwdbwd", 3
	}
	name := fmt.Sprintf("%s/%dx%d%s-%d-%d/n%d-%d/%s", kind, c.kernel, c.kernel, stride, c.in, c.out, c.n, c.side, pass)
	products := float64(c.n*c.in*c.out*c.kernel*c.kernel) * math.Pow(float64((c.side+2*c.pad-c.kernel)/c.stride+1), 2)
	if c.transposed {
		products = float64(c.n*c.in*c.out*c.kernel*c.kernel) * float64(c.side*c.side)
	}
	return bench{name: name, flops: 2 * products * passes, setup: func() (func(), error) { return c.setup(backward) }}
}

func (c convCase) setup(backward bool) (func(), error) {
	rng := newRand()
	spec := tensor.ConvSpec{StrideH: c.stride, StrideW: c.stride, PadT: c.pad, PadB: c.pad, PadL: c.pad, PadR: c.pad}
	x, bias := tensor.RandN(rng, c.n, c.side, c.side, c.in), tensor.RandN(rng, c.out)
	w := tensor.RandN(rng, c.kernel, c.kernel, c.in, c.out)
	shape := tensor.ConvShape
	forward, gradInput, gradWeight := tensor.Conv2DInto, tensor.Conv2DGradInputInto, tensor.Conv2DGradWeightInto
	if c.transposed {
		w = tensor.RandN(rng, c.kernel, c.kernel, c.out, c.in)
		shape = func(op string, x, w []int, spec tensor.ConvSpec) []int {
			return tensor.ConvTransposeShape(op, x, w, tensor.ConvTransposeSpec{ConvSpec: spec})
		}
		forward, gradInput = gradInput, forward
		gradWeight = func(dw, x, g *tensor.Tensor, spec tensor.ConvSpec) { tensor.Conv2DGradWeightInto(dw, g, x, spec) }
	}
	y := tensor.New(shape("bench", x.Shape(), w.Shape(), spec)...)
	g := tensor.RandN(rng, y.Shape()...)
	dx, dw, db := tensor.New(x.Shape()...), tensor.New(w.Shape()...), tensor.New(c.out)
	run := func() {
		forward(y, x, w, spec)
		tensor.AddInto(y, y, bias)
		if backward {
			gradInput(dx, g, w, spec)
			gradWeight(dw, x, g, spec)
			tensor.SumInto(db, g, 0, 1, 2)
		}
	}
	run()
	return run, c.check(rng, x, w, bias, y, g, dx, dw, backward)
}

// check compares a few elements of each result with the definition, in float64.
func (c convCase) check(rng *rand.Rand, x, w, bias, y, g, dx, dw *tensor.Tensor, backward bool) error {
	wide, narrow := x, y // of the convolution that w belongs to
	if c.transposed {
		wide, narrow = y, x
	}
	// Each triple of places (wide, w, narrow) that belong together contributes one product to each of the three sums.
	row := func(i, p int) int { return i*c.stride + p - c.pad }
	inside := func(t *tensor.Tensor, i, j int) bool { return i >= 0 && j >= 0 && i < t.Dim(1) && j < t.Dim(2) }
	gather := func(image *tensor.Tensor, at []int) (sum, scale float64) { // at an element of the narrow side
		for p := range c.kernel {
			for q := range c.kernel {
				if i, j := row(at[1], p), row(at[2], q); inside(image, i, j) {
					for k := range image.Dim(3) {
						sum, scale = addProduct(sum, scale, image.At(at[0], i, j, k), w.At(p, q, k, at[3]))
					}
				}
			}
		}
		return sum, scale
	}
	scatter := func(image *tensor.Tensor, at []int) (sum, scale float64) { // at an element of the wide side
		for p := range c.kernel {
			for q := range c.kernel {
				i, j := at[1]+c.pad-p, at[2]+c.pad-q
				if i%c.stride == 0 && j%c.stride == 0 && inside(image, i/c.stride, j/c.stride) && i >= 0 && j >= 0 {
					for k := range image.Dim(3) {
						sum, scale = addProduct(sum, scale, image.At(at[0], i/c.stride, j/c.stride, k), w.At(p, q, at[3], k))
					}
				}
			}
		}
		return sum, scale
	}
	forward, back := gather, scatter
	if c.transposed {
		forward, back = scatter, gather
	}
	err := sample(y, rng, func(at []int) (float64, float64) {
		sum, scale := forward(x, at)
		return sum + float64(bias.At(at[3])), scale
	})
	if err != nil || !backward {
		return err
	}
	if err := sample(dx, rng, func(at []int) (float64, float64) { return back(g, at) }); err != nil {
		return err
	}
	if c.transposed {
		wide = g
	} else {
		narrow = g
	}
	return sample(dw, rng, func(at []int) (sum, scale float64) {
		for n := range c.n {
			for i := range narrow.Dim(1) {
				for j := range narrow.Dim(2) {
					if r, s := row(i, at[0]), row(j, at[1]); inside(wide, r, s) {
						sum, scale = addProduct(sum, scale, wide.At(n, r, s, at[2]), narrow.At(n, i, j, at[3]))
					}
				}
			}
		}
		return sum, scale
	})
}

// addProduct adds a·b to a sum, and its square to another that tells how large rounding errors may be.
func addProduct(sum, squares float64, a, b float32) (float64, float64) {
	p := float64(a) * float64(b)
	return sum + p, squares + p*p
}

// sample compares some elements of a result with what they should be. The error may be 2·10⁻⁵ of the root of the sum of
// squares of what was added up, which Winograd's algorithm keeps to as well.
func sample(got *tensor.Tensor, rng *rand.Rand, want func(at []int) (value, squares float64)) error {
	for range 24 {
		at := make([]int, got.Rank())
		for i := range at {
			at[i] = rng.IntN(got.Dim(i))
		}
		value, squares := want(at)
		if diff := math.Abs(float64(got.At(at...)) - value); !(diff <= 2e-5*math.Sqrt(squares)+1e-6) {
			return fmt.Errorf("element %v is %g, should be %g", at, got.At(at...), value)
		}
	}
	return nil
}

func elementwiseCases() []bench {
	var out []bench
	for _, name := range []string{
		"add/fwd", "relu/fwd", "relu/fwdbwd", "lrelu/fwd", "lrelu/fwdbwd", "prelu/fwd", "prelu/fwdbwd",
		"bn/fwd", "bn/fwdbwd", "tanh/fwd", "tanh/fwdbwd", "sigmoid/fwd", "sigmoid/fwdbwd",
	} {
		op, pass, _ := strings.Cut(name, "/")
		out = append(out, bench{
			name:  fmt.Sprintf("ew/%s/n16c64-96/%s", op, pass),
			setup: func() (func(), error) { return elementwise(op, pass == "fwdbwd") },
		})
	}
	return append(out, bench{name: "ew/adam/16M", setup: func() (func(), error) {
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
		back = func() {
			tensor.PReLUGradInputInto(dx, x, slope, g)
			tensor.PReLUGradSlopeInto(dslope, x, g)
		}
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
		return sample(got, rng, func(at []int) (float64, float64) {
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
