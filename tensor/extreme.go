package tensor

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// MaxArgInto is [MaxInto] that also remembers where: arg, shaped like dst, is set to a code of the place in x of each
// first maximum, for [PickInto] and [PlaceInto]. It panics if there is no element to choose from.
func MaxArgInto(dst, arg, x *Tensor, axes ...int) {
	extreme("tensor.MaxArgInto", dst, arg, x, axes, func(v, best float32) bool { return v > best || v != v && best == best })
}

// MinArgInto is [MaxArgInto] for the minimum.
func MinArgInto(dst, arg, x *Tensor, axes ...int) {
	extreme("tensor.MinArgInto", dst, arg, x, axes, func(v, best float32) bool { return v < best || v != v && best == best })
}

func extreme(op string, dst, arg, x *Tensor, axes []int, better func(v, best float32) bool) {
	shape, gone := ReducedShape(op, x.shape, axes)
	wantShape(op, dst, shape)
	wantShape(op, arg, shape)
	if len(x.data) == 0 && len(dst.data) > 0 {
		panic(fmt.Sprintf("%s: nothing to choose from in shape %s", op, Format(x.shape)))
	}
	if len(x.data) > math.MaxInt32 {
		panic(fmt.Sprintf("%s: shape %s has more elements than a place can name", op, Format(x.shape)))
	}
	var kept, folded space
	step := 1
	for i := len(x.shape) - 1; i >= 0; i-- {
		if gone[i] {
			folded = append(folded, loop{x.shape[i], step})
		} else {
			kept = append(kept, loop{x.shape[i], step})
		}
		step *= x.shape[i]
	}
	if len(folded) == 0 {
		folded = space{{1, 1}}
	}
	n := folded.len()
	par.For(len(dst.data), max(1, chunk/max(1, n)), func(lo, hi int) {
		for o := lo; o < hi; o++ {
			base := kept.offset(o)
			best, where := x.data[base], base
			run := folded[0]
			for k := 0; k < n; k += run.n {
				at := base + folded.offset(k)
				for range run.n {
					if v := x.data[at]; better(v, best) {
						best, where = v, at
					}
					at += run.step
				}
			}
			dst.data[o], arg.data[o] = best, placeCode(where)
		}
	})
}

// A place is stored as the bits of a float32, so that it can live in a tensor; numbers above 2²⁴ would be rounded.
func placeCode(at int) float32 { return math.Float32frombits(uint32(at)) }

func place(code float32) int { return int(math.Float32bits(code)) }

// PickInto sets dst to the elements of x that arg, made by [MaxArgInto] or [MinArgInto], points to.
func PickInto(dst, x, arg *Tensor) {
	wantShape("tensor.PickInto", dst, arg.shape)
	par.For(len(dst.data), chunk, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst.data[i] = x.data[place(arg.data[i])]
		}
	})
}

// PlaceInto sets dst to zero except where arg points, which becomes the elements of x: the adjoint of [PickInto].
func PlaceInto(dst, x, arg *Tensor) {
	wantShape("tensor.PlaceInto", x, arg.shape)
	par.For(len(dst.data), chunk, func(lo, hi int) { clear(dst.data[lo:hi]) })
	par.For(len(x.data), chunk, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst.data[place(arg.data[i])] = x.data[i]
		}
	})
}

// space is an iteration space, the fastest axis first.
type space []loop

type loop struct{ n, step int }

func (s space) len() int {
	n := 1
	for _, l := range s {
		n *= l.n
	}
	return n
}

// offset returns where element i of the space lies.
func (s space) offset(i int) int {
	at := 0
	for _, l := range s {
		at += i % l.n * l.step
		i /= l.n
	}
	return at
}
