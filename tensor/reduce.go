package tensor

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// Sum returns the sum of x over the given axes, which are removed; over all of them when none is given. It is taken
// in float64 and in a fixed order.
func Sum(x *Tensor, axes ...int) *Tensor { return reduced("tensor.Sum", sum, x, axes) }

// SumInto is [Sum] into dst, which has the shape of x without the given axes.
func SumInto(dst, x *Tensor, axes ...int) { reduceInto("tensor.SumInto", sum, dst, x, axes) }

// Mean returns the mean of x over the given axes, which are removed; over all of them when none is given.
func Mean(x *Tensor, axes ...int) *Tensor {
	y := Sum(x, axes...)
	AffineInto(y, y, float32(float64(y.Len())/float64(x.Len())), 0)
	return y
}

// Max returns the largest elements of x over the given axes, which are removed; over all of them when none is given.
// NaN wins. The maximum of nothing is -Inf.
func Max(x *Tensor, axes ...int) *Tensor { return reduced("tensor.Max", maximum, x, axes) }

// MaxInto is [Max] into dst, which has the shape of x without the given axes.
func MaxInto(dst, x *Tensor, axes ...int) { reduceInto("tensor.MaxInto", maximum, dst, x, axes) }

// Min returns the smallest elements of x over the given axes, which are removed; over all of them when none is given.
// NaN wins. The minimum of nothing is +Inf.
func Min(x *Tensor, axes ...int) *Tensor { return reduced("tensor.Min", minimum, x, axes) }

// MinInto is [Min] into dst, which has the shape of x without the given axes.
func MinInto(dst, x *Tensor, axes ...int) { reduceInto("tensor.MinInto", minimum, dst, x, axes) }

// SumToInto sums x into dst over the axes along which dst's shape was broadcast to x's: the adjoint of
// [BroadcastInto].
func SumToInto(dst, x *Tensor) {
	lead := len(x.shape) - len(dst.shape)
	if lead < 0 {
		panic(shapeError("tensor.SumToInto", "want a destination that broadcasts to the input", dst, x))
	}
	reduce := make([]bool, len(x.shape))
	for i, n := range x.shape {
		switch {
		case i < lead || dst.shape[i-lead] == 1 && n != 1:
			reduce[i] = true
		case dst.shape[i-lead] != n:
			panic(shapeError("tensor.SumToInto", "want a destination that broadcasts to the input", dst, x))
		}
	}
	runReduction(sum, dst.data, x, reduce)
}

// Dot returns Σ a·b over all elements, in float64 and in a fixed order. It panics unless the shapes are equal.
func Dot(a, b *Tensor) float64 {
	if !SameShape(a, b) {
		panic(shapeError("tensor.Dot", "want equal shapes", a, b))
	}
	blocks := (len(a.data) + chunk - 1) / chunk
	parts := make([]float64, blocks)
	par.For(len(a.data), chunk, func(lo, hi int) { parts[lo/chunk] = vec.Dot(a.data[lo:hi], b.data[lo:hi]) })
	s := 0.0
	for _, p := range parts {
		s += p
	}
	return s
}

// Norm returns the Euclidean norm of all elements of x.
func Norm(x *Tensor) float64 { return math.Sqrt(Dot(x, x)) }

// ArgMax returns the index along axis of each largest element, the first one where several are equal; the results
// are in row-major order of the other axes. NaN counts as larger than every number. It panics if the axis is empty.
func ArgMax(x *Tensor, axis int) []int {
	return argBest("tensor.ArgMax", x, axis, func(v, best float32) bool { return v > best || v != v && best == best })
}

// ArgMin returns the index along axis of each smallest element, as [ArgMax] does for the largest.
func ArgMin(x *Tensor, axis int) []int {
	return argBest("tensor.ArgMin", x, axis, func(v, best float32) bool { return v < best || v != v && best == best })
}

func argBest(op string, x *Tensor, axis int, better func(v, best float32) bool) []int {
	axis = axisIn(op, axis, x.shape)
	n, inner := x.shape[axis], product(x.shape[axis+1:])
	if n == 0 {
		panic(fmt.Sprintf("%s: axis %d of shape %s is empty", op, axis, Format(x.shape)))
	}
	out := make([]int, len(x.data)/n)
	par.For(len(out), chunk, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			at := i/inner*n*inner + i%inner
			best := x.data[at]
			for k := 1; k < n; k++ {
				if v := x.data[at+k*inner]; better(v, best) {
					best, out[i] = v, k
				}
			}
		}
	})
	return out
}

// reduction says how to fold a row into one value and rows into one row. Partial results are float64.
type reduction struct {
	start float64
	row   func(x []float32) float64
	rows  func(acc []float64, x []float32)
	join  func(a, b float64) float64
}

var (
	sum = reduction{
		start: 0,
		row:   vec.Sum,
		rows:  vec.AddTo64,
		join:  func(a, b float64) float64 { return a + b },
	}
	maximum = folding(math.Inf(-1), func(a, b float64) float64 { return max(a, b) })
	minimum = folding(math.Inf(1), func(a, b float64) float64 { return min(a, b) })
)

func folding(start float64, join func(a, b float64) float64) reduction {
	return reduction{
		start: start,
		row: func(x []float32) float64 {
			s := start
			for _, v := range x {
				s = join(s, float64(v))
			}
			return s
		},
		rows: func(acc []float64, x []float32) {
			for i, v := range x {
				acc[i] = join(acc[i], float64(v))
			}
		},
		join: join,
	}
}

func reduced(op string, r reduction, x *Tensor, axes []int) *Tensor {
	shape, reduce := ReducedShape(op, x.shape, axes)
	dst := New(shape...)
	runReduction(r, dst.data, x, reduce)
	return dst
}

func reduceInto(op string, r reduction, dst, x *Tensor, axes []int) {
	shape, reduce := ReducedShape(op, x.shape, axes)
	wantShape(op, dst, shape)
	runReduction(r, dst.data, x, reduce)
}

// ReducedShape returns shape without the given axes, or without any when none is given, and which axes those are.
// It panics, naming op, if there is no such axis.
func ReducedShape(op string, shape, axes []int) (rest []int, gone []bool) {
	gone = make([]bool, len(shape))
	for i := range gone {
		gone[i] = len(axes) == 0
	}
	for _, a := range axes {
		gone[axisIn(op, a, shape)] = true
	}
	rest = []int{}
	for i, n := range shape {
		if !gone[i] {
			rest = append(rest, n)
		}
	}
	return rest, gone
}

// runReduction folds x over the marked axes, one run of adjacent axes at a time and the last run first.
func runReduction(r reduction, dst []float32, x *Tensor, gone []bool) {
	src, shape := x.data, x.shape
	for i := len(shape) - 1; ; {
		for i >= 0 && !gone[i] {
			i--
		}
		if i < 0 {
			copy(dst, src) // nothing left to fold
			return
		}
		j := i
		for j >= 0 && gone[j] {
			j--
		}
		more := false
		for k := j; k >= 0; k-- {
			more = more || gone[k]
		}
		outer, n, inner := product(shape[:j+1]), product(shape[j+1:i+1]), 1
		for k, d := range shape[i+1:] {
			if !gone[i+1+k] {
				inner *= d
			}
		}
		out := dst
		if more {
			out = make([]float32, outer*inner)
		}
		fold(r, out, src, outer, n, inner)
		if !more {
			return
		}
		src, i = out, j
	}
}

// foldRows is how many rows one goroutine folds before the partial results are joined.
const foldRows = 512

// fold reduces src (outer, n, inner) to dst (outer, inner).
func fold(r reduction, dst, src []float32, outer, n, inner int) {
	if inner == 1 {
		grain := max(1, chunk/max(n, 1))
		if outer >= 8 || n < 2*chunk {
			par.For(outer, grain, func(lo, hi int) {
				for o := lo; o < hi; o++ {
					dst[o] = float32(r.row(src[o*n : (o+1)*n]))
				}
			})
			return
		}
		parts := make([]float64, (n+chunk-1)/chunk)
		for o := range outer {
			x := src[o*n : (o+1)*n]
			par.For(n, chunk, func(lo, hi int) { parts[lo/chunk] = r.row(x[lo:hi]) })
			s := r.start
			for _, p := range parts {
				s = r.join(s, p)
			}
			dst[o] = float32(s)
		}
		return
	}
	blocks := max(1, (n+foldRows-1)/foldRows)
	acc := make([]float64, blocks*inner)
	for o := range outer {
		par.For(blocks, 1, func(b, _ int) {
			part := acc[b*inner : (b+1)*inner]
			for i := range part {
				part[i] = r.start
			}
			for k := b * foldRows; k < min(n, (b+1)*foldRows); k++ {
				at := (o*n + k) * inner
				r.rows(part, src[at:at+inner])
			}
		})
		out := dst[o*inner : (o+1)*inner]
		for i := range out {
			s := acc[i]
			for b := 1; b < blocks; b++ {
				s = r.join(s, acc[b*inner+i])
			}
			out[i] = float32(s)
		}
	}
}
