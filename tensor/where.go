package tensor

import "github.com/gander-ml/gander/tensor/internal/par"

// Where returns a where mask is not zero and b elsewhere, elementwise with broadcasting. What is not chosen does not
// matter, even if it is NaN.
func Where(mask, a, b *Tensor) *Tensor {
	dst := New(WhereShape("tensor.Where", mask.shape, a.shape, b.shape)...)
	WhereInto(dst, mask, a, b)
	return dst
}

// WhereInto is [Where] into dst.
func WhereInto(dst, mask, a, b *Tensor) {
	wantShape("tensor.WhereInto", dst, WhereShape("tensor.WhereInto", mask.shape, a.shape, b.shape))
	m, x, y := indexer(dst, mask), indexer(dst, a), indexer(dst, b)
	par.For(len(dst.data), chunk, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if mask.data[m(i)] != 0 {
				dst.data[i] = a.data[x(i)]
			} else {
				dst.data[i] = b.data[y(i)]
			}
		}
	})
}

// WhereShape returns the shape of [Where]. It panics, naming op, if the shapes do not broadcast.
func WhereShape(op string, mask, a, b []int) []int {
	return BroadcastShape(op, mask, BroadcastShape(op, a, b))
}

// indexer returns the function that maps an element of dst to the element of x that is repeated there.
func indexer(dst, x *Tensor) func(i int) int {
	switch {
	case SameShape(dst, x):
		return func(i int) int { return i }
	case len(x.data) == 1:
		return func(int) int { return 0 }
	}
	var s space
	step := 1
	for k := len(dst.shape) - 1; k >= 0; k-- {
		l := loop{n: dst.shape[k]}
		if j := k - len(dst.shape) + len(x.shape); j >= 0 {
			if x.shape[j] != 1 {
				l.step = step
			}
			step *= x.shape[j]
		}
		s = append(s, l)
	}
	return s.offset
}
