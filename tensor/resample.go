package tensor

import (
	"fmt"
	"sync"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// Resampler is a linear map of images that works on rows and columns separately: every pixel of the result is a
// weighted sum of a few rows, and then of a few columns, of the input. Resizing, the blurs of image pyramids and
// average pooling are of this kind. Its adjoint is exact. A Resampler never changes and may be shared by goroutines.
type Resampler struct {
	rows, cols   *taps
	rowsT, colsT *taps // of the adjoint
}

func newResampler(rows, cols *taps) *Resampler {
	rows.tidy()
	cols.tidy()
	return &Resampler{rows: rows, cols: cols, rowsT: rows.transposed(), colsT: cols.transposed()}
}

// InSize returns the height and width of the images that r maps.
func (r *Resampler) InSize() (h, w int) { return r.rows.in, r.cols.in }

// OutSize returns the height and width of its results.
func (r *Resampler) OutSize() (h, w int) { return r.rows.out(), r.cols.out() }

// OutShape returns the shape of the result for images shaped x (N,H,W,C). It panics, naming op, unless r is made for
// images of that size.
func (r *Resampler) OutShape(op string, x []int) []int {
	if len(x) != 4 || x[1] != r.rows.in || x[2] != r.cols.in {
		panic(fmt.Sprintf("%s: want (N,%d,%d,C), got %s", op, r.rows.in, r.cols.in, Format(x)))
	}
	return []int{x[0], r.rows.out(), r.cols.out(), x[3]}
}

// InShape returns the shape of the images that r maps to images shaped y. It panics, naming op, unless y has r's size.
func (r *Resampler) InShape(op string, y []int) []int { return r.adjoint().OutShape(op, y) }

// Apply returns the images x (N,H,W,C) resampled.
func (r *Resampler) Apply(x *Tensor) *Tensor {
	y := New(r.OutShape("tensor.Resampler.Apply", x.shape)...)
	r.apply(y, x)
	return y
}

// ApplyInto is [Resampler.Apply] into y, which must not overlap x.
func (r *Resampler) ApplyInto(y, x *Tensor) {
	wantShape("tensor.Resampler.ApplyInto", y, r.OutShape("tensor.Resampler.ApplyInto", x.shape))
	r.apply(y, x)
}

// Adjoint returns what the adjoint of r makes of y, shaped like a result of r: ⟨r x, y⟩ = ⟨x, r.Adjoint(y)⟩.
func (r *Resampler) Adjoint(y *Tensor) *Tensor {
	x := New(r.InShape("tensor.Resampler.Adjoint", y.shape)...)
	r.adjoint().apply(x, y)
	return x
}

// AdjointInto is [Resampler.Adjoint] into x, which must not overlap y.
func (r *Resampler) AdjointInto(x, y *Tensor) {
	wantShape("tensor.Resampler.AdjointInto", x, r.InShape("tensor.Resampler.AdjointInto", y.shape))
	r.adjoint().apply(x, y)
}

func (r *Resampler) adjoint() *Resampler {
	return &Resampler{rows: r.rowsT, cols: r.colsT, rowsT: r.rows, colsT: r.cols}
}

// rowBuffers keeps the working memory of apply.
var rowBuffers = sync.Pool{New: func() any { return new([]float64) }}

// apply makes one row of the result after the other: a weighted sum of rows of the input in a buffer of one row, then
// weighted sums of its columns. Sums are taken in float64, so that 8-bit images are rounded as in MATLAB.
func (r *Resampler) apply(y, x *Tensor) {
	h, w, c := x.shape[1], x.shape[2], x.shape[3]
	oh, ow := y.shape[1], y.shape[2]
	if len(y.data) == 0 {
		return
	}
	work := ow*c*r.cols.most + w*c*r.rows.most
	par.For(y.shape[0]*oh, max(1, chunk/max(1, work)), func(lo, hi int) {
		buf := rowBuffers.Get().(*[]float64)
		defer rowBuffers.Put(buf)
		if cap(*buf) < w*c+c {
			*buf = make([]float64, w*c+c)
		}
		sums, acc := (*buf)[:w*c], (*buf)[w*c:w*c+c]
		for row := lo; row < hi; row++ {
			out := y.data[row*ow*c : (row+1)*ow*c]
			index, weight := r.rows.at(row % oh)
			image := x.data[row/oh*h*w*c:][:h*w*c]
			if r.rows.copies {
				line := image[index[0]*w*c:][:w*c]
				if r.cols.copies {
					for j, from := range r.cols.index {
						copy(out[j*c:(j+1)*c], line[from*c:])
					}
				} else {
					across(out, line, r.cols, c, acc)
				}
				continue
			}
			weigh(sums, image, w*c, index, weight)
			across(out, sums, r.cols, c, acc)
		}
	})
}

// across writes the weighted sums of the pixels of one row, c values each. acc is working memory.
func across[T float32 | float64](out []float32, in []T, cols *taps, c int, acc []float64) {
	for j := range len(out) / c {
		index, weight := cols.at(j)
		d := out[j*c : (j+1)*c]
		if cols.copies {
			for k, v := range in[index[0]*c:][:c] {
				d[k] = float32(v)
			}
			continue
		}
		weigh(acc, in, c, index, weight)
		for k, v := range acc {
			d[k] = float32(v)
		}
	}
}

// weigh sets sum to the weighted sum of some of the runs of n elements that x consists of.
func weigh[T float32 | float64](sum []float64, x []T, n int, index []int, weight []float64) {
	sum = sum[:n]
	if len(index) == 2 { // linear interpolation
		a, b := weight[0], weight[1]
		u, v := x[index[0]*n:][:n], x[index[1]*n:][:n]
		for k := range sum {
			sum[k] = a*float64(u[k]) + b*float64(v[k])
		}
		return
	}
	clear(sum)
	for k, i := range index {
		a := weight[k]
		for m, v := range x[i*n:][:n] {
			sum[m] += a * float64(v)
		}
	}
}

// taps is a sparse matrix that maps in samples to out samples: output i is Σ weight[k]·x[index[k]] over k from start[i]
// to start[i+1].
type taps struct {
	in     int
	start  []int
	index  []int
	weight []float64
	copies bool // every output is one input, unchanged
	most   int  // the largest number of weights of one output
}

func newTaps(in int) *taps { return &taps{in: in, start: []int{0}} }

// add gives input i a weight in the output that is being written, besides what it has.
func (t *taps) add(i int, w float64) {
	for k := t.start[len(t.start)-1]; k < len(t.index); k++ {
		if t.index[k] == i {
			t.weight[k] += w
			return
		}
	}
	t.index = append(t.index, i)
	t.weight = append(t.weight, w)
}

// next ends the output that is being written.
func (t *taps) next() { t.start = append(t.start, len(t.index)) }

// normalise scales the weights of the output that is being written to a sum of one.
func (t *taps) normalise() {
	sum := 0.0
	for _, w := range t.weight[t.start[len(t.start)-1]:] {
		sum += w
	}
	for k := t.start[len(t.start)-1]; k < len(t.weight); k++ {
		t.weight[k] /= sum
	}
}

func (t *taps) out() int { return len(t.start) - 1 }

func (t *taps) at(i int) (index []int, weight []float64) {
	return t.index[t.start[i]:t.start[i+1]], t.weight[t.start[i]:t.start[i+1]]
}

// tidy drops weights of zero and finds out whether t only copies.
func (t *taps) tidy() {
	index, weight := t.index[:0], t.weight[:0]
	t.copies, t.most = true, 0
	lo := 0
	for i := range t.out() {
		from := len(index)
		for k := lo; k < t.start[i+1]; k++ {
			if t.weight[k] != 0 {
				index = append(index, t.index[k])
				weight = append(weight, t.weight[k])
			}
		}
		lo = t.start[i+1]
		t.start[i+1] = len(index)
		n := len(index) - from
		t.most = max(t.most, n)
		t.copies = t.copies && n == 1 && weight[from] == 1
	}
	t.index, t.weight = index, weight
}

func (t *taps) transposed() *taps {
	u := newTaps(t.out())
	byInput := make([][]int, t.in)
	output := make([]int, len(t.index))
	for i := range t.out() {
		for k := t.start[i]; k < t.start[i+1]; k++ {
			output[k] = i
			byInput[t.index[k]] = append(byInput[t.index[k]], k)
		}
	}
	for _, ks := range byInput {
		for _, k := range ks {
			u.index = append(u.index, output[k])
			u.weight = append(u.weight, t.weight[k])
		}
		u.next()
	}
	u.tidy()
	return u
}
