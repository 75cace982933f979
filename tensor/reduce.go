package tensor

import (
	"fmt"
	"math"
	"sync"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
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
	rows  func(acc []float64, x []float32, stride int) // x has a row of len(acc) every stride elements
	join  func(a, b float64) float64
}

var (
	sum = reduction{
		start: 0,
		row:   vec.Sum,
		rows:  vec.ColumnSumsStrided,
		join:  func(a, b float64) float64 { return a + b },
	}
	maximum = reduction{
		start: math.Inf(-1),
		row:   func(x []float32) float64 { return float64(vec.Largest(x)) },
		rows:  vec.ColumnLargest,
		join:  func(a, b float64) float64 { return max(a, b) },
	}
	minimum = reduction{
		start: math.Inf(1),
		row:   func(x []float32) float64 { return float64(vec.Smallest(x)) },
		rows:  vec.ColumnSmallest,
		join:  func(a, b float64) float64 { return min(a, b) },
	}
)

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

// foldRows is how many rows one goroutine folds before the partial results are joined, foldColumns how many of their
// columns it takes where all rows are its own.
const (
	foldRows    = 512
	foldColumns = 1024
)

// fold reduces src (outer, n, inner) to dst (outer, inner).
func fold(r reduction, dst, src []float32, outer, n, inner int) {
	switch {
	case len(dst) == 0:
	case inner == 1:
		foldRow(r, dst, src, outer, n)
	case n <= foldRows:
		foldFew(r, dst, src, outer, n, inner)
	default:
		foldMany(r, dst, src, outer, n, inner)
	}
}

// foldRow reduces src (outer, n) to dst (outer).
func foldRow(r reduction, dst, src []float32, outer, n int) {
	if outer >= 8 || n < 2*chunk {
		par.For(outer, max(1, chunk/max(n, 1)), func(lo, hi int) {
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
}

// sumsPool lends foldFew its sums.
var sumsPool = sync.Pool{New: func() any { return new([foldColumns]float64) }}

// foldFew takes all rows of some columns at a time.
func foldFew(r reduction, dst, src []float32, outer, n, inner int) {
	blocks := (inner + foldColumns - 1) / foldColumns
	par.For(outer*blocks, max(1, chunk/(max(n, 1)*min(inner, foldColumns))), func(lo, hi int) {
		room := sumsPool.Get().(*[foldColumns]float64)
		defer sumsPool.Put(room)
		for i := lo; i < hi; i++ {
			o, from := i/blocks, i%blocks*foldColumns
			out := dst[o*inner+from : o*inner+min(from+foldColumns, inner)]
			acc := room[:len(out)]
			for c := range acc {
				acc[c] = r.start
			}
			if n > 0 {
				at := o*n*inner + from
				r.rows(acc, src[at:at+(n-1)*inner+len(acc)], inner)
			}
			for c, s := range acc {
				out[c] = float32(s)
			}
		}
	})
}

// foldMany takes all columns of foldRows rows at a time and then joins what it has.
func foldMany(r reduction, dst, src []float32, outer, n, inner int) {
	blocks := (n + foldRows - 1) / foldRows
	acc, lent := scratch.GetDoubles(outer * blocks * inner)
	defer lent.Free()
	par.For(outer*blocks, 1, func(i, _ int) {
		o, from := i/blocks, i%blocks*foldRows
		part := acc[i*inner : (i+1)*inner]
		for c := range part {
			part[c] = r.start
		}
		r.rows(part, src[(o*n+from)*inner:(o*n+min(from+foldRows, n))*inner], inner)
	})
	par.For(len(dst), foldColumns, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			at := i/inner*blocks*inner + i%inner
			s := acc[at]
			for b := 1; b < blocks; b++ {
				s = r.join(s, acc[at+b*inner])
			}
			dst[i] = float32(s)
		}
	})
}
