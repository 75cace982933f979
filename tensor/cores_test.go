package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
)

// Every operation gives the same bits on any number of cores, at sizes that are cut into several blocks.
func TestSameBitsOnAnyCores(t *testing.T) {
	rng := newRand()
	x, y := tensor.RandN(rng, 3, 41, 37, 16), tensor.RandN(rng, 3, 41, 37, 16)
	row, column := tensor.RandN(rng, 16), tensor.RandN(rng, 41, 1, 16)
	w := tensor.RandN(rng, 3, 3, 16, 24)
	pad := tensor.ConvSpec{PadT: 1, PadB: 1, PadL: 1, PadR: 1}
	odd := tensor.ConvSpec{StrideH: 2, StrideW: 2, PadL: 1, DilH: 2}
	half := odd
	half.BFloat16 = true
	wide := tensor.RandN(rng, 9, 9, 16, 3)
	a, b := tensor.RandN(rng, 301, 203), tensor.RandN(rng, 203, 157)
	flat := x.Reshape(-1, 16)
	index := make([]int, flat.Dim(0))
	for i := range index {
		index[i] = rng.IntN(16)
	}
	pool := tensor.PoolAll(3, 2, 1)
	pooled, arg := zeros(tensor.PoolShape("test", x.Shape(), pool)...), zeros(tensor.PoolShape("test", x.Shape(), pool)...)
	tensor.MaxPool2DInto(pooled, arg, x, pool)

	make := func(like tsr, f func(dst tsr)) func() tsr {
		return func() tsr {
			dst := tensor.New(like.Shape()...)
			f(dst)
			return dst
		}
	}
	for name, f := range map[string]func() tsr{
		"add":              func() tsr { return tensor.Add(x, y) },
		"mul a row":        func() tsr { return tensor.Mul(x, row) },
		"mul a column":     func() tsr { return tensor.Mul(column, x) },
		"tanh":             func() tsr { return tensor.Tanh(x) },
		"exp":              func() tsr { return tensor.Exp(x) },
		"sum":              func() tsr { return tensor.Sum(x) },
		"sum to channels":  func() tsr { return tensor.Sum(x, 0, 1, 2) },
		"sum of rows":      func() tsr { return tensor.Sum(x, 3) },
		"sum of two runs":  func() tsr { return tensor.Sum(x, 0, 2) },
		"max":              func() tsr { return tensor.Max(x, 1, 3) },
		"dot":              func() tsr { return tensor.Scalar(float32(tensor.Dot(x, y))) },
		"matmul":           func() tsr { return tensor.MatMul(a, b) },
		"matmul, bfloat16": make(zeros(301, 157), func(dst tsr) { tensor.MatMulBF16Into(dst, a, b, false, false, false) }),
		"conv, bfloat16":   func() tsr { return tensor.Conv2D(x, w, half) },
		"conv, weight, bfloat16": func() tsr {
			return tensor.Conv2DGradWeight(x, tensor.Conv2D(x, w, half), 3, 3, half)
		},
		"conv 3×3":           func() tsr { return tensor.Conv2D(x, w, pad) },
		"conv with a stride": func() tsr { return tensor.Conv2D(x, w, odd) },
		"conv 9×9":           func() tsr { return tensor.Conv2D(x, wide, pad) },
		"conv, input":        func() tsr { return tensor.Conv2DGradInput(y, tensor.RandN(newRand(), 3, 3, 8, 16), 41, 37, pad) },
		"conv, weight":       func() tsr { return tensor.Conv2DGradWeight(x, y, 3, 3, pad) },
		"conv transpose": func() tsr {
			return tensor.ConvTranspose2D(x, tensor.RandN(newRand(), 4, 4, 8, 16),
				tensor.ConvTransposeSpec{ConvSpec: tensor.ConvSpec{StrideH: 2, StrideW: 2, PadT: 1, PadB: 1, PadL: 1, PadR: 1}})
		},
		"prelu slope":   make(row, func(dst tsr) { tensor.PReLUGradSlopeInto(dst, x, y) }),
		"permute":       func() tsr { return tensor.Permute(x, 3, 1, 0, 2) },
		"concat":        func() tsr { return tensor.Concat(-1, x, y, x) },
		"slice":         func() tsr { return tensor.Slice(x, 3, 2, 11) },
		"embed":         make(x, func(dst tsr) { tensor.EmbedInto(dst, tensor.Slice(y, 2, 3, 20), 2, 5) }),
		"add at":        make(x, func(dst tsr) { tensor.AddAtInto(dst, tensor.Slice(y, 2, 3, 20), 2, 5) }),
		"roll":          func() tsr { return tensor.Roll(x, 2, 7) },
		"flip":          func() tsr { return tensor.Flip(x, 1, 3) },
		"pad":           func() tsr { return tensor.Pad2D(x, tensor.PadAll(5, tensor.PadReflect)) },
		"pad, adjoint":  make(zeros(3, 35, 31, 16), func(dst tsr) { tensor.Pad2DAdjointInto(dst, y, tensor.PadAll(3, tensor.PadReflect)) }),
		"gather":        func() tsr { return tensor.Gather(flat, index) },
		"scatter":       make(zeros(16, 16), func(dst tsr) { tensor.ScatterAddInto(dst, flat, index) }),
		"take":          func() tsr { return tensor.Take(flat, index) },
		"softmax":       func() tsr { return tensor.Softmax(x) },
		"log softmax":   func() tsr { return tensor.LogSoftmax(x) },
		"max pool":      func() tsr { return tensor.MaxPool2D(x, pool) },
		"max pool, put": make(x, func(dst tsr) { tensor.PoolPutInto(dst, pooled, arg, pool) }),
		"avg pool":      func() tsr { return tensor.AvgPool2D(x, pool) },
		"bicubic":       func() tsr { return tensor.Resize(x, 90, 100, tensor.Bicubic) },
		"burt, adjoint": func() tsr {
			return tensor.NewBurtExpand(82, 74, tensor.BurtA).Adjoint(tensor.Resize(x, 82, 74, tensor.Nearest))
		},
		"pixel shuffle":   func() tsr { return tensor.PixelShuffle(x, 4) },
		"pixel unshuffle": func() tsr { return tensor.PixelUnshuffle(tensor.Slice(x, 2, 0, 36).Reshape(3, 82, 18, 16), 2) },
		"l2 pool":         func() tsr { return tensor.L2Pool(x, 2) },
		"where":           func() tsr { return tensor.Where(tensor.LeakyReLU(row, 0), x, y) },
		"max with places": func() tsr {
			dst, arg := zeros(3, 37, 16), zeros(3, 37, 16)
			tensor.MaxArgInto(dst, arg, x, 1)
			return tensor.Concat(0, dst, arg)
		},
	} {
		t.Run(name, func(t *testing.T) { tensortest.SameOnAnyCores(t, f) })
	}
}
