package tensor

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Format writes sizes the way every message does: (32,100).
func Format(shape []int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i, n := range shape {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(n))
	}
	b.WriteByte(')')
	return b.String()
}

// InferShape returns want with a single -1 replaced so that it holds as many elements as have. It panics, naming
// op, when that is impossible.
func InferShape(op string, have, want []int) []int {
	out := slices.Clone(want)
	total, known, infer := product(have), 1, -1
	for i, n := range want {
		switch {
		case n == -1 && infer < 0:
			infer = i
		case n < 0:
			panic(fmt.Sprintf("%s: cannot view shape %s as %s", op, Format(have), Format(want)))
		default:
			known *= n
		}
	}
	if infer >= 0 && known > 0 {
		out[infer] = total / known
		known *= out[infer]
	}
	if known != total || infer >= 0 && out[infer] < 0 {
		panic(fmt.Sprintf("%s: cannot view shape %s as %s", op, Format(have), Format(want)))
	}
	return out
}

// BroadcastShape returns the shape of an elementwise operation on shapes a and b: axes are aligned at the end, and
// each pair must be equal or have a 1. It panics, naming op, if they do not fit.
func BroadcastShape(op string, a, b []int) []int {
	out := make([]int, max(len(a), len(b)))
	for i := range out {
		x, y := 1, 1
		if j := i - len(out) + len(a); j >= 0 {
			x = a[j]
		}
		if j := i - len(out) + len(b); j >= 0 {
			y = b[j]
		}
		switch {
		case x == y || y == 1:
			out[i] = x
		case x == 1:
			out[i] = y
		default:
			panic(fmt.Sprintf("%s: shapes do not broadcast, got %s and %s", op, Format(a), Format(b)))
		}
	}
	return out
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// size returns the number of elements of shape, or panics if that is no possible length.
func size(op string, shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt/4/d {
			panic(fmt.Sprintf("%s: impossible shape %s", op, Format(shape)))
		}
		n *= d
	}
	return n
}

func axisIn(op string, axis int, shape []int) int {
	a := axis
	if a < 0 {
		a += len(shape)
	}
	if a < 0 || a >= len(shape) {
		panic(fmt.Sprintf("%s: no axis %d in shape %s", op, axis, Format(shape)))
	}
	return a
}

func shapeError(op, want string, got ...*Tensor) string {
	parts := make([]string, len(got))
	for i, t := range got {
		parts[i] = Format(t.shape)
	}
	return fmt.Sprintf("%s: %s, got %s", op, want, strings.Join(parts, " and "))
}

// wantShape panics unless t has the given shape; Into operations call it on their destination.
func wantShape(op string, t *Tensor, shape []int) {
	if !slices.Equal(t.shape, shape) {
		panic(fmt.Sprintf("%s: destination must be %s, got %s", op, Format(shape), Format(t.shape)))
	}
}
