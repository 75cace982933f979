package tensor

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// PoolSpec says how a window moves over an image. The window must be given; the zero value of the rest is a stride of
// the window's size and no padding.
type PoolSpec struct {
	KH, KW           int  // the window
	StrideH, StrideW int  // 0 means the window's size
	PadH, PadW       int  // pixels added on both sides, at most half the window; they never win a maximum
	Ceil             bool // round the size of the result up, so that the last windows may hang over the border
	ExcludePad       bool // divide averages by the number of real pixels instead of counting padding as zeros
}

// PoolAll returns the PoolSpec of a square window.
func PoolAll(k, stride, pad int) PoolSpec {
	return PoolSpec{KH: k, KW: k, StrideH: stride, StrideW: stride, PadH: pad, PadW: pad}
}

// PoolShape returns the shape (N,OH,OW,C) of images shaped x (N,H,W,C) after pooling,
// OH = ⌊(H+2·PadH−KH)/StrideH⌋+1; with Ceil the quotient is rounded up, but a window that would begin beyond the image
// and its first padding is left out. It panics, naming op, if the window does not fit.
func PoolShape(op string, x []int, spec PoolSpec) []int {
	if len(x) != 4 {
		panic(fmt.Sprintf("%s: want (N,H,W,C), got %s", op, Format(x)))
	}
	oh := poolSize(op, x, x[1], spec.KH, spec.StrideH, spec.PadH, spec.Ceil)
	ow := poolSize(op, x, x[2], spec.KW, spec.StrideW, spec.PadW, spec.Ceil)
	return []int{x[0], oh, ow, x[3]}
}

func poolSize(op string, x []int, n, k, stride, pad int, ceil bool) int {
	stride = poolStride(k, stride)
	if k < 1 || stride < 1 || pad < 0 || 2*pad > k {
		panic(fmt.Sprintf("%s: impossible window %d, stride %d, padding %d", op, k, stride, pad))
	}
	free := n + 2*pad - k
	if n == 0 || free < 0 && (!ceil || free <= -stride) {
		panic(fmt.Sprintf("%s: a window of %d does not fit into images %s with padding %d", op, k, Format(x), pad))
	}
	if !ceil {
		return free/stride + 1
	}
	out := (free+stride-1)/stride + 1
	if (out-1)*stride >= n+pad {
		out--
	}
	return out
}

func poolStride(k, stride int) int {
	if stride == 0 {
		return k
	}
	return stride
}

// MaxPool2D returns the maximum of x (N,H,W,C) in each window; its shape is [PoolShape]. NaN wins.
func MaxPool2D(x *Tensor, spec PoolSpec) *Tensor {
	y := New(PoolShape("tensor.MaxPool2D", x.shape, spec)...)
	MaxPool2DInto(y, nil, x, spec)
	return y
}

// MaxPool2DInto is [MaxPool2D] into y. Unless arg is nil, each of its elements is set to where in its window the first
// maximum is, row·KW + column, for [PoolTakeInto] and [PoolPutInto].
func MaxPool2DInto(y, arg, x *Tensor, spec PoolSpec) {
	w := newWindows("tensor.MaxPool2DInto", x, y, arg, spec)
	par.For(w.n*w.oh, max(1, chunk/max(1, w.ow*w.c*w.kh*w.kw)), func(lo, hi int) {
		var unasked []float32
		if arg == nil {
			unasked = make([]float32, w.c)
		}
		for r := lo; r < hi; r++ {
			h0, p0, p1 := w.vertical(r % w.oh)
			for j := range w.ow {
				w0, q0, q1 := w.horizontal(j)
				at := (r*w.ow + j) * w.c
				best, where := y.data[at:at+w.c], unasked
				if arg != nil {
					where = arg.data[at : at+w.c]
				}
				first := true
				for p := p0; p < p1; p++ {
					row := (r/w.oh*w.h + h0 + p) * w.w
					for q := q0; q < q1; q++ {
						px, pos := x.data[(row+w0+q)*w.c:][:w.c], float32(p*w.kw+q)
						if first {
							copy(best, px)
							for k := range where {
								where[k] = pos
							}
							first = false
							continue
						}
						larger(best, where, px, pos)
					}
				}
			}
		}
	})
}

// larger puts those of v that are larger than best, or the first to be NaN, in its place and pos in where. Which they are is
// as good as random, so that nothing branches on it.
func larger(best, where, v []float32, pos float32) {
	best, where = best[:len(v)], where[:len(v)]
	at := math.Float32bits(pos)
	for k, v := range v {
		b := best[k]
		var beats, number uint32
		if !(v <= b) {
			beats = 1
		}
		if b == b {
			number = 1
		}
		mask := -(beats & number)
		old := math.Float32bits(b)
		best[k] = math.Float32frombits(old ^ (old^math.Float32bits(v))&mask)
		old = math.Float32bits(where[k])
		where[k] = math.Float32frombits(old ^ (old^at)&mask)
	}
}

// PoolTakeInto sets y to the pixels of x that arg, a result of [MaxPool2DInto] with the same spec, points to.
func PoolTakeInto(y, x, arg *Tensor, spec PoolSpec) {
	w := newWindows("tensor.PoolTakeInto", x, y, arg, spec)
	par.For(w.n*w.oh, max(1, chunk/max(1, w.ow*w.c)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			h0, _, _ := w.vertical(r % w.oh)
			for j := range w.ow {
				w0, _, _ := w.horizontal(j)
				at := (r*w.ow + j) * w.c
				for k := range w.c {
					pos := int(arg.data[at+k])
					y.data[at+k] = x.data[((r/w.oh*w.h+h0+pos/w.kw)*w.w+w0+pos%w.kw)*w.c+k]
				}
			}
		}
	})
}

// PoolPutInto sets x to the sum of those elements of y whose arg points to each pixel: the adjoint of [PoolTakeInto].
func PoolPutInto(x, y, arg *Tensor, spec PoolSpec) {
	w := newWindows("tensor.PoolPutInto", x, y, arg, spec)
	if w.sh >= w.kh { // no pixel is in two rows of windows
		par.For(w.n*w.h, max(1, chunk/max(1, w.w*w.c)), func(lo, hi int) { clear(x.data[lo*w.w*w.c : hi*w.w*w.c]) })
		places := make([]int, w.kh*w.kw) // of the pixels of a window
		for i := range places {
			places[i] = (i/w.kw*w.w + i%w.kw) * w.c
		}
		par.For(w.n*w.oh, max(1, chunk/max(1, w.ow*w.c)), func(lo, hi int) {
			for r := lo; r < hi; r++ {
				h0, _, _ := w.vertical(r % w.oh)
				for j := range w.ow {
					w0, _, _ := w.horizontal(j)
					at := (r*w.ow + j) * w.c
					from := ((r/w.oh*w.h+h0)*w.w + w0) * w.c // of the window, perhaps in the padding
					g := y.data[at : at+w.c]
					for k, pos := range arg.data[at : at+w.c] {
						x.data[from+places[int(pos)]+k] += g[k]
					}
				}
			}
		})
		return
	}
	par.For(w.n*w.h, max(1, chunk/max(1, w.w*w.c)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			w.putRow(x.data[r*w.w*w.c:(r+1)*w.w*w.c], y.data, arg.data, r/w.h, r%w.h)
		}
	})
}

// putRow is row h of image n of [PoolPutInto].
func (w *windows) putRow(out, y, arg []float32, n, h int) {
	clear(out)
	// The windows that reach row h: i·stride − pad ≤ h < i·stride − pad + k.
	from := max(0, (h+w.padH-w.kh+w.sh)/w.sh)
	for i := from; i < w.oh && i*w.sh-w.padH <= h; i++ {
		p := h - (i*w.sh - w.padH)
		for j := range w.ow {
			w0, _, _ := w.horizontal(j)
			at := ((n*w.oh+i)*w.ow + j) * w.c
			for k := range w.c {
				if q := int(arg[at+k]) - p*w.kw; q >= 0 && q < w.kw {
					out[(w0+q)*w.c+k] += y[at+k]
				}
			}
		}
	}
}

// windows is a PoolSpec applied to an image.
type windows struct {
	n, h, w, c, oh, ow         int
	kh, kw, sh, sw, padH, padW int
}

// newWindows checks that y and, unless it is nil, arg have the shape of x pooled.
func newWindows(op string, x, y, arg *Tensor, spec PoolSpec) *windows {
	shape := PoolShape(op, x.shape, spec)
	wantShape(op, y, shape)
	if arg != nil {
		wantShape(op, arg, shape)
	}
	return &windows{
		n: x.shape[0], h: x.shape[1], w: x.shape[2], c: x.shape[3], oh: shape[1], ow: shape[2], kh: spec.KH, kw: spec.KW,
		sh: poolStride(spec.KH, spec.StrideH), sw: poolStride(spec.KW, spec.StrideW), padH: spec.PadH, padW: spec.PadW,
	}
}

// vertical returns the row, perhaps outside, at which the windows of output row i begin, and which of their own rows
// lie within the image.
func (w *windows) vertical(i int) (start, lo, hi int) {
	start = i*w.sh - w.padH
	return start, max(0, -start), min(w.kh, w.h-start)
}

func (w *windows) horizontal(j int) (start, lo, hi int) {
	start = j*w.sw - w.padW
	return start, max(0, -start), min(w.kw, w.w-start)
}

// NewAvgPool returns the operator that averages each window of h×w images.
func NewAvgPool(h, w int, spec PoolSpec) *Resampler {
	shape := PoolShape("tensor.NewAvgPool", []int{1, h, w, 1}, spec)
	return newResampler(
		avgTaps(h, shape[1], spec.KH, poolStride(spec.KH, spec.StrideH), spec.PadH, spec.ExcludePad),
		avgTaps(w, shape[2], spec.KW, poolStride(spec.KW, spec.StrideW), spec.PadW, spec.ExcludePad))
}

// avgTaps averages windows along one axis. A divisor counts padding, but not what a window that hangs over reaches
// beyond it.
func avgTaps(n, out, k, stride, pad int, excludePad bool) *taps {
	t := newTaps(n)
	for i := range out {
		lo := i*stride - pad
		hi := min(lo+k, n+pad)
		count := hi - lo
		lo, hi = max(lo, 0), min(hi, n)
		if excludePad {
			count = hi - lo
		}
		for j := lo; j < hi; j++ {
			t.add(j, 1/float64(count))
		}
		t.next()
	}
	return t
}

// AvgPool2D returns the average of x (N,H,W,C) in each window; its shape is [PoolShape].
func AvgPool2D(x *Tensor, spec PoolSpec) *Tensor {
	PoolShape("tensor.AvgPool2D", x.shape, spec)
	return NewAvgPool(x.shape[1], x.shape[2], spec).Apply(x)
}

// NewAdaptiveAvgPool returns the operator that averages h×w images down to oh×ow: output i covers the pixels
// ⌊i·h/oh⌋ … ⌈(i+1)·h/oh⌉−1, which may overlap.
func NewAdaptiveAvgPool(h, w, oh, ow int) *Resampler {
	if h < 1 || w < 1 || oh < 1 || ow < 1 {
		panic(fmt.Sprintf("tensor.NewAdaptiveAvgPool: cannot pool %d×%d to %d×%d pixels", h, w, oh, ow))
	}
	return newResampler(adaptiveTaps(h, oh), adaptiveTaps(w, ow))
}

func adaptiveTaps(n, out int) *taps {
	t := newTaps(n)
	for i := range out {
		lo, hi := i*n/out, ((i+1)*n+out-1)/out
		for j := lo; j < hi; j++ {
			t.add(j, 1/float64(hi-lo))
		}
		t.next()
	}
	return t
}

// AdaptiveAvgPool2D returns x (N,H,W,C) averaged to (N,oh,ow,C), as [NewAdaptiveAvgPool] defines it.
func AdaptiveAvgPool2D(x *Tensor, oh, ow int) *Tensor {
	if x.Rank() != 4 {
		panic(shapeError("tensor.AdaptiveAvgPool2D", "want (N,H,W,C)", x))
	}
	return NewAdaptiveAvgPool(x.shape[1], x.shape[2], oh, ow).Apply(x)
}

// GlobalAvgPool returns the mean of each channel of x (N,H,W,C) over its pixels, (N,C).
func GlobalAvgPool(x *Tensor) *Tensor {
	if x.Rank() != 4 {
		panic(shapeError("tensor.GlobalAvgPool", "want (N,H,W,C)", x))
	}
	return Mean(x, 1, 2)
}

// Pool1DSpec says how a window moves over a sequence, as [PoolSpec] does for an image.
type Pool1DSpec struct {
	K          int  // the window
	Stride     int  // 0 means the window's size
	Pad        int  // steps added on both sides, at most half the window
	Ceil       bool // round the length of the result up
	ExcludePad bool // divide averages by the number of real steps
}

// Images returns the PoolSpec that does to images of one row what s does to sequences.
func (s Pool1DSpec) Images() PoolSpec {
	return PoolSpec{KH: 1, KW: s.K, StrideW: s.Stride, PadW: s.Pad, Ceil: s.Ceil, ExcludePad: s.ExcludePad}
}

// MaxPool1D returns the maximum of x (N,L,C) in each window, as [MaxPool2D] does for images.
func MaxPool1D(x *Tensor, spec Pool1DSpec) *Tensor {
	return pool1D("tensor.MaxPool1D", x, spec, MaxPool2D)
}

// AvgPool1D returns the average of x (N,L,C) in each window, as [AvgPool2D] does for images.
func AvgPool1D(x *Tensor, spec Pool1DSpec) *Tensor {
	return pool1D("tensor.AvgPool1D", x, spec, AvgPool2D)
}

func pool1D(op string, x *Tensor, spec Pool1DSpec, pool func(*Tensor, PoolSpec) *Tensor) *Tensor {
	if x.Rank() != 3 {
		panic(shapeError(op, "want (N,L,C)", x))
	}
	y := pool(x.Reshape(x.shape[0], 1, x.shape[1], x.shape[2]), spec.Images())
	return y.Reshape(y.shape[0], y.shape[2], y.shape[3])
}
