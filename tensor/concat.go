package tensor

import (
	"fmt"
	"slices"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// Concat returns the tensors one after another along an axis; -1 is the last one. It panics if there are none or if
// they differ in another size.
func Concat(axis int, xs ...*Tensor) *Tensor {
	dst := New(ConcatShape("tensor.Concat", axis, shapesOf(xs)...)...)
	ConcatInto(dst, axis, xs...)
	return dst
}

// ConcatInto is [Concat] into dst, which must not overlap the tensors.
func ConcatInto(dst *Tensor, axis int, xs ...*Tensor) {
	wantShape("tensor.ConcatInto", dst, ConcatShape("tensor.ConcatInto", axis, shapesOf(xs)...))
	if len(dst.data) == 0 {
		return
	}
	axis = axisIn("tensor.ConcatInto", axis, dst.shape)
	outer, inner := product(dst.shape[:axis]), product(dst.shape[axis+1:])
	row, at := dst.shape[axis]*inner, 0
	for _, x := range xs {
		n := x.shape[axis] * inner
		copyRows(dst.data[at:], row, x.data, n, outer, n)
		at += n
	}
}

// ConcatShape returns the shape of [Concat] of tensors of the given shapes. It panics, naming op, if they do not fit.
func ConcatShape(op string, axis int, shapes ...[]int) []int {
	if len(shapes) == 0 {
		panic(op + ": nothing to join")
	}
	out := slices.Clone(shapes[0])
	axis = axisIn(op, axis, out)
	for _, s := range shapes[1:] {
		if len(s) != len(out) || !slices.Equal(s[:axis], out[:axis]) || !slices.Equal(s[axis+1:], out[axis+1:]) {
			panic(fmt.Sprintf("%s: want shapes that differ along axis %d only, got %s and %s", op, axis,
				Format(shapes[0]), Format(s)))
		}
		out[axis] += s[axis]
	}
	return out
}

// Slice returns a copy of x[lo:hi] along an axis; -1 is the last one. It panics unless 0 ≤ lo ≤ hi ≤ the size.
func Slice(x *Tensor, axis, lo, hi int) *Tensor {
	dst := New(SliceShape("tensor.Slice", x.shape, axis, lo, hi)...)
	SliceInto(dst, x, axis, lo)
	return dst
}

// SliceInto is [Slice] into dst, whose size along the axis says how much is copied.
func SliceInto(dst, x *Tensor, axis, lo int) {
	outer, n, from, row := slicing("tensor.SliceInto", dst, x, axis, lo)
	if outer*n > 0 {
		copyRows(dst.data, n, x.data[from:], row, outer, n)
	}
}

// SliceShape returns the shape of [Slice]. It panics, naming op, if the bounds do not fit.
func SliceShape(op string, shape []int, axis, lo, hi int) []int {
	a := axisIn(op, axis, shape)
	if lo < 0 || hi < lo || hi > shape[a] {
		panic(fmt.Sprintf("%s: no part %d:%d along axis %d of shape %s", op, lo, hi, axis, Format(shape)))
	}
	out := slices.Clone(shape)
	out[a] = hi - lo
	return out
}

// EmbedInto sets dst to zero except for dst[lo:lo+n] along an axis, which becomes x: the adjoint of [SliceInto].
func EmbedInto(dst, x *Tensor, axis, lo int) {
	outer, n, from, row := slicing("tensor.EmbedInto", x, dst, axis, lo)
	clear(dst.data)
	if outer*n > 0 {
		copyRows(dst.data[from:], row, x.data, n, outer, n)
	}
}

// AddAtInto adds x to dst[lo:lo+n] along an axis: [EmbedInto] and a sum at once.
func AddAtInto(dst, x *Tensor, axis, lo int) {
	outer, n, from, row := slicing("tensor.AddAtInto", x, dst, axis, lo)
	if outer*n == 0 {
		return
	}
	to := dst.data[from:]
	if n >= chunk {
		for r := range outer {
			d, s := to[r*row:][:n], x.data[r*n:][:n]
			par.For(n, chunk, func(lo, hi int) { vec.Add(d[lo:hi], d[lo:hi], s[lo:hi]) })
		}
		return
	}
	par.For(outer, max(1, chunk/n), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			d := to[r*row:][:n]
			vec.Add(d, d, x.data[r*n:][:n])
		}
	})
}

// slicing returns how part lies in whole: outer runs of n elements, the first at element from, row elements apart.
func slicing(op string, part, whole *Tensor, axis, lo int) (outer, n, from, row int) {
	a := axisIn(op, axis, whole.shape)
	if part.Rank() != whole.Rank() {
		panic(shapeError(op, "want equal ranks", part, whole))
	}
	wantShape(op, part, SliceShape(op, whole.shape, axis, lo, lo+part.shape[a]))
	inner := product(whole.shape[a+1:])
	return product(whole.shape[:a]), part.shape[a] * inner, lo * inner, whole.shape[a] * inner
}

// Split cuts x along an axis into copies of the given sizes. It panics unless they add up to the size of the axis.
func Split(x *Tensor, axis int, sizes ...int) []*Tensor {
	bounds := SplitBounds("tensor.Split", x.shape, axis, sizes)
	out := make([]*Tensor, len(sizes))
	for i := range out {
		out[i] = Slice(x, axis, bounds[i], bounds[i+1])
	}
	return out
}

// SplitBounds returns where the pieces of [Split] begin and, last, where they end. It panics, naming op, unless the
// sizes add up.
func SplitBounds(op string, shape []int, axis int, sizes []int) []int {
	bounds := make([]int, len(sizes)+1)
	bad := false
	for i, n := range sizes {
		bounds[i+1] = bounds[i] + n
		bad = bad || n < 0
	}
	if bad || bounds[len(sizes)] != shape[axisIn(op, axis, shape)] {
		panic(fmt.Sprintf("%s: sizes %s do not add up to axis %d of shape %s", op, Format(sizes), axis, Format(shape)))
	}
	return bounds
}

// Stack returns equally shaped tensors joined along a new axis; -1 makes it the last one. It panics if there are none
// or their shapes differ.
func Stack(axis int, xs ...*Tensor) *Tensor {
	dst := New(StackShape("tensor.Stack", axis, shapesOf(xs)...)...)
	StackInto(dst, axis, xs...)
	return dst
}

// StackInto is [Stack] into dst, which must not overlap the tensors.
func StackInto(dst *Tensor, axis int, xs ...*Tensor) {
	wantShape("tensor.StackInto", dst, StackShape("tensor.StackInto", axis, shapesOf(xs)...))
	if len(dst.data) == 0 {
		return
	}
	axis = axisIn("tensor.StackInto", axis, dst.shape)
	outer, n := product(dst.shape[:axis]), product(dst.shape[axis+1:])
	for i, x := range xs {
		copyRows(dst.data[i*n:], len(xs)*n, x.data, n, outer, n)
	}
}

// StackShape returns the shape of [Stack] of tensors of the given shapes. It panics, naming op, if they do not fit.
func StackShape(op string, axis int, shapes ...[]int) []int {
	if len(shapes) == 0 {
		panic(op + ": nothing to join")
	}
	for _, s := range shapes[1:] {
		if !slices.Equal(s, shapes[0]) {
			panic(fmt.Sprintf("%s: want equal shapes, got %s and %s", op, Format(shapes[0]), Format(s)))
		}
	}
	a := axis
	if a < 0 {
		a += len(shapes[0]) + 1
	}
	if a < 0 || a > len(shapes[0]) {
		panic(fmt.Sprintf("%s: no place for a new axis %d in shape %s", op, axis, Format(shapes[0])))
	}
	return slices.Insert(slices.Clone(shapes[0]), a, len(shapes))
}

// Roll returns x shifted by some places along an axis; what leaves at one end comes back at the other.
func Roll(x *Tensor, axis, shift int) *Tensor {
	axis = axisIn("tensor.Roll", axis, x.shape)
	dst := New(x.shape...)
	RollInto(dst, x, axis, shift)
	return dst
}

// RollInto is [Roll] into dst, which must not overlap x.
func RollInto(dst, x *Tensor, axis, shift int) {
	wantShape("tensor.RollInto", dst, x.shape)
	axis = axisIn("tensor.RollInto", axis, x.shape)
	size := x.shape[axis]
	if len(x.data) == 0 {
		return
	}
	shift = (shift%size + size) % size
	outer, inner := product(x.shape[:axis]), product(x.shape[axis+1:])
	row, head, tail := size*inner, (size-shift)*inner, shift*inner
	copyRows(dst.data[tail:], row, x.data, row, outer, head)
	copyRows(dst.data, row, x.data[head:], row, outer, tail)
}

func shapesOf(xs []*Tensor) [][]int {
	out := make([][]int, len(xs))
	for i, x := range xs {
		out[i] = x.shape
	}
	return out
}

// copyRows copies rows runs of n elements; runs begin dstStep and srcStep elements apart.
func copyRows(dst []float32, dstStep int, src []float32, srcStep, rows, n int) {
	switch {
	case n == 0 || rows == 0:
	case n >= chunk:
		for r := range rows {
			d, s := dst[r*dstStep:][:n], src[r*srcStep:][:n]
			par.For(n, chunk, func(lo, hi int) { copy(d[lo:hi], s[lo:hi]) })
		}
	case n <= 4: // too short for a call of copy
		par.For(rows, chunk/n, func(lo, hi int) {
			for r := lo; r < hi; r++ {
				to := r * dstStep
				for _, v := range src[r*srcStep:][:n] {
					dst[to] = v
					to++
				}
			}
		})
	default:
		par.For(rows, max(1, chunk/n), func(lo, hi int) {
			for r := lo; r < hi; r++ {
				copy(dst[r*dstStep:][:n], src[r*srcStep:][:n])
			}
		})
	}
}
