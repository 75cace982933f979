package tensor

import (
	"math"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// Softmax returns eˣ divided by its sum over the last axis, computed without overflow.
func Softmax(x *Tensor) *Tensor {
	y := New(x.shape...)
	SoftmaxInto(y, x)
	return y
}

// SoftmaxInto is [Softmax] into dst.
func SoftmaxInto(dst, x *Tensor) {
	wantShape("tensor.SoftmaxInto", dst, x.shape)
	eachRow("tensor.SoftmaxInto", x, func(i int, row []float32) {
		d := dst.data[i*len(row) : (i+1)*len(row)]
		vec.Affine(d, row, 1, -largest(row))
		vec.Exp(d, d)
		vec.Affine(d, d, float32(1/vec.Sum(d)), 0)
	})
}

// LogSoftmax returns x − ln Σeˣ, the sum over the last axis, computed without overflow.
func LogSoftmax(x *Tensor) *Tensor {
	y := New(x.shape...)
	LogSoftmaxInto(y, x)
	return y
}

// LogSoftmaxInto is [LogSoftmax] into dst.
func LogSoftmaxInto(dst, x *Tensor) {
	wantShape("tensor.LogSoftmaxInto", dst, x.shape)
	eachRow("tensor.LogSoftmaxInto", x, func(i int, row []float32) {
		d := dst.data[i*len(row) : (i+1)*len(row)]
		top := largest(row)
		rest := float32(math.Log(sumExp(row, top)))
		for k, v := range row {
			d[k] = v - top - rest
		}
	})
}

// LogSumExp returns ln Σeˣ over the last axis, which is removed, computed without overflow. Over nothing it is -Inf.
func LogSumExp(x *Tensor) *Tensor {
	y := New(LogSumExpShape("tensor.LogSumExp", x.shape)...)
	LogSumExpInto(y, x)
	return y
}

// LogSumExpInto is [LogSumExp] into dst.
func LogSumExpInto(dst, x *Tensor) {
	wantShape("tensor.LogSumExpInto", dst, LogSumExpShape("tensor.LogSumExpInto", x.shape))
	eachRow("tensor.LogSumExpInto", x, func(i int, row []float32) {
		top := largest(row)
		if math.IsInf(float64(top), 0) {
			top = 0 // ∞ − ∞ is not a number
		}
		dst.data[i] = float32(float64(top) + math.Log(sumExp(row, top)))
	})
}

// LogSumExpShape returns shape without its last axis. It panics, naming op, if there is none.
func LogSumExpShape(op string, shape []int) []int {
	axisIn(op, -1, shape)
	return append([]int{}, shape[:len(shape)-1]...)
}

func sumExp(row []float32, shift float32) float64 {
	s := 0.0
	for _, v := range row {
		s += math.Exp(float64(v - shift))
	}
	return s
}

// largest returns the maximum of row, NaN if it holds one and -Inf if it is empty.
func largest(row []float32) float32 {
	top := float32(math.Inf(-1))
	for _, v := range row {
		top = max(top, v)
	}
	return top
}

// eachRow runs f over the rows of the last axis.
func eachRow(op string, x *Tensor, f func(i int, row []float32)) {
	n := x.shape[axisIn(op, -1, x.shape)]
	par.For(product(x.shape[:len(x.shape)-1]), max(1, chunk/max(1, 8*n)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i, x.data[i*n:(i+1)*n])
		}
	})
}
