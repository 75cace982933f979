package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
)

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
	b := bench{name: name, flops: 2 * products * passes, setup: func(bf16 bool) (func(), error) { return c.setup(backward, bf16) }}
	b.work, b.bytes = c.work(backward)
	return b
}

func (c convCase) spec() tensor.ConvSpec {
	return tensor.ConvSpec{StrideH: c.stride, StrideW: c.stride, PadT: c.pad, PadB: c.pad, PadL: c.pad, PadR: c.pad}
}

// work returns the arithmetic of a run in the algorithms that are chosen, and the bytes that it reads and writes.
func (c convCase) work(backward bool) (flops, bytes float64) {
	x, w := []int{c.n, c.side, c.side, c.in}, []int{c.kernel, c.kernel, c.in, c.out}
	wide := x
	y := tensor.ConvShape("bench", x, w, c.spec())
	if c.transposed {
		w[2], w[3] = c.out, c.in
		y = tensor.ConvTransposeShape("bench", x, w, tensor.ConvTransposeSpec{ConvSpec: c.spec()})
		wide = y
	}
	forward, back, weight := tensor.ConvPlan(wide, w, c.spec())
	if c.transposed {
		forward, back = back, forward
	}
	size := func(shape []int) float64 { return float64(shape[0] * shape[1] * shape[2] * shape[3]) }
	flops, bytes = 2*forward.Products, 4*(size(x)+size(w)+3*size(y)) // the bias is added in a pass of its own
	if backward {
		flops += 2 * (back.Products + weight.Products)
		bytes += 4 * (2*size(x) + 2*size(w) + 3*size(y))
	}
	return flops, bytes
}

func (c convCase) setup(backward, bf16 bool) (func(), error) {
	rng := newRand()
	spec := c.spec()
	spec.BFloat16 = bf16
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
	return run, c.check(rng, x, w, bias, y, g, dx, dw, backward, bf16)
}

// check compares a few elements of each result with the definition, in float64.
func (c convCase) check(rng *rand.Rand, x, w, bias, y, g, dx, dw *tensor.Tensor, backward, bf16 bool) error {
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
	err := sample(y, bf16, rng, func(at []int) (float64, float64) {
		sum, scale := forward(x, at)
		return sum + float64(bias.At(at[3])), scale
	})
	if err != nil || !backward {
		return err
	}
	if err := sample(dx, bf16, rng, func(at []int) (float64, float64) { return back(g, at) }); err != nil {
		return err
	}
	if c.transposed {
		wide = g
	} else {
		narrow = g
	}
	return sample(dw, bf16, rng, func(at []int) (sum, scale float64) {
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
