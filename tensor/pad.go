package tensor

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// PadMode says what lies beyond the border of an image.
type PadMode int

const (
	PadZero      PadMode = iota // zeros
	PadReflect                  // the image mirrored at its first and last pixels, which are not repeated: c b | a b c | b a
	PadReplicate                // the first and last pixels again and again: a a | a b c | c c
)

// String returns the name of the mode: zero, reflect or replicate.
func (m PadMode) String() string {
	switch m {
	case PadZero:
		return "zero"
	case PadReflect:
		return "reflect"
	case PadReplicate:
		return "replicate"
	}
	return fmt.Sprintf("PadMode(%d)", int(m))
}

// PadSpec says how many pixels are added at the top, bottom, left and right of an image, and which. The zero value
// adds none. Negative numbers crop.
type PadSpec struct {
	T, B, L, R int
	Mode       PadMode
}

// PadAll returns the PadSpec that adds n pixels on each side.
func PadAll(n int, mode PadMode) PadSpec { return PadSpec{T: n, B: n, L: n, R: n, Mode: mode} }

// Pad2D returns x (N,H,W,C) with pixels added around each image, (N,T+H+B,L+W+R,C). It panics if more is cropped
// than there is, or if a reflected border is as wide as the image.
func Pad2D(x *Tensor, spec PadSpec) *Tensor {
	dst := New(PadShape("tensor.Pad2D", x.shape, spec)...)
	Pad2DInto(dst, x, spec)
	return dst
}

// Pad2DInto is [Pad2D] into dst, which must not overlap x.
func Pad2DInto(dst, x *Tensor, spec PadSpec) {
	wantShape("tensor.Pad2DInto", dst, PadShape("tensor.Pad2DInto", x.shape, spec))
	h, w, c := x.shape[1], x.shape[2], x.shape[3]
	oh, ow := dst.shape[1], dst.shape[2]
	rows := padSources(h, spec.T, oh, spec.Mode)
	runs := padRuns(padSources(w, spec.L, ow, spec.Mode))
	par.For(x.shape[0]*oh, max(1, chunk/max(1, ow*c)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			out := dst.data[r*ow*c : (r+1)*ow*c]
			from := rows[r%oh]
			if from < 0 {
				clear(out)
				continue
			}
			in := x.data[(r/oh*h+from)*w*c:][:w*c]
			for _, run := range runs {
				d := out[run.dst*c : (run.dst+run.n)*c]
				if run.src < 0 {
					clear(d)
					continue
				}
				copy(d, in[run.src*c:(run.src+run.n)*c])
			}
		}
	})
}

// Pad2DAdjointInto sets dx, shaped like the input of [Pad2D], to the sum over dy, shaped like its result, of what came
// from each pixel: the adjoint of [Pad2DInto].
func Pad2DAdjointInto(dx, dy *Tensor, spec PadSpec) {
	wantShape("tensor.Pad2DAdjointInto", dy, PadShape("tensor.Pad2DAdjointInto", dx.shape, spec))
	h, w, c := dx.shape[1], dx.shape[2], dx.shape[3]
	oh, ow := dy.shape[1], dy.shape[2]
	copies := make([][]int, h)
	for i, from := range padSources(h, spec.T, oh, spec.Mode) {
		if from >= 0 {
			copies[from] = append(copies[from], i)
		}
	}
	runs := padRuns(padSources(w, spec.L, ow, spec.Mode))
	par.For(dx.shape[0]*h, max(1, chunk/max(1, w*c)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			out := dx.data[r*w*c : (r+1)*w*c]
			clear(out)
			for _, i := range copies[r%h] {
				in := dy.data[(r/h*oh+i)*ow*c:][:ow*c]
				for _, run := range runs {
					if run.src >= 0 {
						d := out[run.src*c : (run.src+run.n)*c]
						vec.Add(d, d, in[run.dst*c:(run.dst+run.n)*c])
					}
				}
			}
		}
	})
}

// PadShape returns the shape of [Pad2D]. It panics, naming op, if the padding does not fit.
func PadShape(op string, x []int, spec PadSpec) []int {
	if len(x) != 4 {
		panic(fmt.Sprintf("%s: want (N,H,W,C), got %s", op, Format(x)))
	}
	out := []int{x[0], x[1] + spec.T + spec.B, x[2] + spec.L + spec.R, x[3]}
	if out[1] < 0 || out[2] < 0 || spec.T < -x[1] || spec.B < -x[1] || spec.L < -x[2] || spec.R < -x[2] {
		panic(fmt.Sprintf("%s: nothing is left of %s after padding %+v", op, Format(x), spec))
	}
	border := max(spec.T, spec.B, spec.L, spec.R)
	switch spec.Mode {
	case PadZero:
	case PadReflect:
		if max(spec.T, spec.B) >= max(x[1], 1) || max(spec.L, spec.R) >= max(x[2], 1) {
			panic(fmt.Sprintf("%s: a reflected border must be narrower than the image %s, got %+v", op, Format(x), spec))
		}
	case PadReplicate:
		if border > 0 && x[1]*x[2] == 0 {
			panic(fmt.Sprintf("%s: no pixel of %s to replicate", op, Format(x)))
		}
	default:
		panic(fmt.Sprintf("%s: no padding mode %v", op, spec.Mode))
	}
	return out
}

// Crop2D returns the part of x (N,H,W,C) that begins at row top and column left, (N,h,w,C). It panics unless the part
// lies within the images.
func Crop2D(x *Tensor, top, left, h, w int) *Tensor {
	return Pad2D(x, CropSpec("tensor.Crop2D", x.shape, top, left, h, w))
}

// CropSpec returns the padding that cuts h×w pixels out of images shaped x, from row top and column left. It panics,
// naming op, unless they lie within the images.
func CropSpec(op string, x []int, top, left, h, w int) PadSpec {
	if len(x) != 4 {
		panic(fmt.Sprintf("%s: want (N,H,W,C), got %s", op, Format(x)))
	}
	if top < 0 || left < 0 || h < 0 || w < 0 || top+h > x[1] || left+w > x[2] {
		panic(fmt.Sprintf("%s: no part of %d×%d pixels at (%d,%d) in images %s", op, h, w, top, left, Format(x)))
	}
	return PadSpec{T: -top, B: top + h - x[1], L: -left, R: left + w - x[2]}
}

// padSources returns, for each of out positions, which of n it is a copy of, or -1 for zero.
func padSources(n, before, out int, mode PadMode) []int {
	from := make([]int, out)
	for i := range from {
		k := i - before
		switch {
		case k >= 0 && k < n:
		case mode == PadReflect:
			k = reflect101(k, n)
		case mode == PadReplicate:
			k = min(max(k, 0), n-1)
		default:
			k = -1
		}
		from[i] = k
	}
	return from
}

// reflect101 folds i into [0,n) by mirroring at the first and the last sample, which are not repeated.
func reflect101(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i = (i%period + period) % period
	return min(i, period-i)
}

// padRun is n neighbours that are copied together, or zeroed where src is negative.
type padRun struct{ dst, src, n int }

func padRuns(from []int) []padRun {
	var runs []padRun
	for i, k := range from {
		if last := len(runs) - 1; last >= 0 {
			r := &runs[last]
			if r.src < 0 && k < 0 || r.src >= 0 && k == r.src+r.n {
				r.n++
				continue
			}
		}
		runs = append(runs, padRun{dst: i, src: k, n: 1})
	}
	return runs
}
