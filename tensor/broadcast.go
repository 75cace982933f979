package tensor

import (
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// chunk is how many elements one goroutine takes at a time in elementwise work.
const chunk = 1 << 14

// large is the size of a result that the caches of a processor do not hold together with what it is computed from. It
// is written past them, in blocks of [vec.StreamLen].
const large = 3 << 20

// blockOf returns how many elements of a result of n one goroutine takes at a time in elementwise work.
func blockOf(n int) int {
	if n >= large {
		return vec.StreamLen
	}
	return chunk
}

// kernel2 is an elementwise function of two arguments.
type kernel2 func(dst, a, b []float32)

// Add returns a + b with broadcasting: axes are aligned at the end, and an axis of size 1 repeats.
// It panics if the shapes do not broadcast.
func Add(a, b *Tensor) *Tensor { return binary("tensor.Add", vec.Add, a, b) }

// AddInto sets dst = a + b with broadcasting.
func AddInto(dst, a, b *Tensor) { binaryInto("tensor.AddInto", vec.Add, dst, a, b) }

// Sub returns a - b with broadcasting.
func Sub(a, b *Tensor) *Tensor { return binary("tensor.Sub", vec.Sub, a, b) }

// SubInto sets dst = a - b with broadcasting.
func SubInto(dst, a, b *Tensor) { binaryInto("tensor.SubInto", vec.Sub, dst, a, b) }

// Mul returns the elementwise product a ⊙ b with broadcasting.
func Mul(a, b *Tensor) *Tensor { return binary("tensor.Mul", vec.Mul, a, b) }

// MulInto sets dst = a ⊙ b with broadcasting.
func MulInto(dst, a, b *Tensor) { binaryInto("tensor.MulInto", vec.Mul, dst, a, b) }

// Div returns a / b, elementwise with broadcasting.
func Div(a, b *Tensor) *Tensor { return binary("tensor.Div", vec.Div, a, b) }

// DivInto sets dst = a / b, elementwise with broadcasting.
func DivInto(dst, a, b *Tensor) { binaryInto("tensor.DivInto", vec.Div, dst, a, b) }

// Maximum returns the larger of a and b, elementwise with broadcasting. NaN wins.
func Maximum(a, b *Tensor) *Tensor { return binary("tensor.Maximum", vec.Max, a, b) }

// MaximumInto sets dst to the larger of a and b, elementwise with broadcasting.
func MaximumInto(dst, a, b *Tensor) { binaryInto("tensor.MaximumInto", vec.Max, dst, a, b) }

// Minimum returns the smaller of a and b, elementwise with broadcasting. NaN wins.
func Minimum(a, b *Tensor) *Tensor { return binary("tensor.Minimum", vec.Min, a, b) }

// MinimumInto sets dst to the smaller of a and b, elementwise with broadcasting.
func MinimumInto(dst, a, b *Tensor) { binaryInto("tensor.MinimumInto", vec.Min, dst, a, b) }

// BroadcastTo returns x repeated to a larger shape. It panics if x does not broadcast to exactly that shape.
func BroadcastTo(x *Tensor, shape ...int) *Tensor {
	dst := New(shape...)
	BroadcastInto(dst, x)
	return dst
}

// BroadcastInto repeats x to the shape of dst.
func BroadcastInto(dst, x *Tensor) {
	binaryInto("tensor.BroadcastInto", func(d, a, _ []float32) { copy(d, a) }, dst, x, dst)
}

func binary(op string, f kernel2, a, b *Tensor) *Tensor {
	dst := New(BroadcastShape(op, a.shape, b.shape)...)
	binaryInto(op, f, dst, a, b)
	return dst
}

func binaryInto(op string, f kernel2, dst, a, b *Tensor) {
	wantShape(op, dst, BroadcastShape(op, a.shape, b.shape))
	if len(dst.data) == 0 {
		return
	}
	l := newLoops(dst.shape, a.shape, b.shape)
	n := l.size[len(l.size)-1]
	if len(l.size) == 1 {
		par.For(n, blockOf(n), func(lo, hi int) {
			along(f, dst.data[lo:hi], operand(a, l.stride[0][0], lo), operand(b, l.stride[1][0], lo))
		})
		return
	}
	// Rows of the last axis; an operand that does not move along it, or rows too short to be worth a call, are first
	// written out into a buffer that serves several rows.
	rows := len(dst.data) / n
	per := max(1, 512/n)
	par.For(rows, max(per, chunk/n), func(lo, hi int) {
		var buf [2]written
		defer buf[0].free()
		defer buf[1].free()
		for r := lo; r < hi; r += per {
			k := min(per, hi-r)
			d := dst.data[r*n : (r+k)*n]
			f(d, l.rows(0, a.data, r, k, &buf[0]), l.rows(1, b.data, r, k, &buf[1]))
		}
	})
}

// operand returns what a run that begins at element lo reads: the rest of the data, or the one value that repeats.
func operand(t *Tensor, stride, lo int) []float32 {
	if stride == 0 {
		return t.data[:1:1]
	}
	return t.data[lo:]
}

// along runs f over a run in which an operand of one value repeats.
func along(f kernel2, dst, a, b []float32) {
	if len(dst) == 1 || len(a) > 1 && len(b) > 1 {
		f(dst, a[:len(dst)], b[:len(dst)])
		return
	}
	const room = 1 << 10
	lent := scratch.Get(2 * room)
	defer lent.Free()
	bufA, bufB := lent.Data[:room], lent.Data[room:]
	for lo := 0; lo < len(dst); lo += room {
		hi := min(lo+room, len(dst))
		f(dst[lo:hi], repeat(a, lo, hi, bufA), repeat(b, lo, hi, bufB))
	}
}

func repeat(x []float32, lo, hi int, buf []float32) []float32 {
	if len(x) > 1 {
		return x[lo:hi]
	}
	if lo == 0 {
		for i := range buf[:hi-lo] { // the first run is the longest
			buf[i] = x[0]
		}
	}
	return buf[:hi-lo]
}

// written is working memory for the rows of an operand. It is lent when they are first asked for.
type written struct {
	lent *scratch.Buf
	data []float32
}

func (w *written) grow(n int) {
	if cap(w.data) < n {
		w.free()
		w.lent = scratch.Get(n)
		w.data = w.lent.Data
	}
	w.data = w.data[:n]
}

func (w *written) free() {
	if w.lent != nil {
		w.lent.Free()
		w.lent, w.data = nil, nil
	}
}

// loops is the iteration space of a broadcast: adjacent axes along which both operands move alike are merged.
type loops struct {
	size   []int
	stride [2][]int
}

func newLoops(out, a, b []int) *loops {
	l := &loops{}
	shapes := [2][]int{a, b}
	var step [2]int
	step[0], step[1] = 1, 1
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == 1 {
			continue
		}
		var st [2]int
		for x, s := range shapes {
			if j := i - len(out) + len(s); j >= 0 && s[j] != 1 {
				st[x] = step[x]
				step[x] *= s[j]
			}
		}
		if k := len(l.size) - 1; k >= 0 && st[0] == l.stride[0][k]*l.size[k] && st[1] == l.stride[1][k]*l.size[k] {
			l.size[k] *= out[i]
			continue
		}
		l.size = append(l.size, out[i])
		l.stride[0] = append(l.stride[0], st[0])
		l.stride[1] = append(l.stride[1], st[1])
	}
	if len(l.size) == 0 {
		l.size, l.stride = []int{1}, [2][]int{{1}, {1}}
	}
	// Collected from the last axis to the first.
	reverse(l.size)
	reverse(l.stride[0])
	reverse(l.stride[1])
	return l
}

func reverse(s []int) {
	for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
}

// rows returns rows r … r+k-1 of operand x, as a view where they lie together and written into buf elsewhere.
func (l *loops) rows(x int, data []float32, r, k int, buf *written) []float32 {
	last := len(l.size) - 1
	n, inner := l.size[last], l.stride[x][last]
	if at := l.at(x, r); inner == 1 && (k == 1 || last == 1 && l.stride[x][0] == n) {
		return data[at : at+k*n]
	}
	repeats := last == 1 && l.stride[x][0] == 0 // the same row again and again
	if repeats && len(buf.data) >= k*n {
		return buf.data[:k*n]
	}
	buf.grow(k * n)
	for i := range k {
		row := buf.data[i*n : (i+1)*n]
		at := l.at(x, r+i)
		if inner == 1 {
			copy(row, data[at:at+n])
			continue
		}
		for j := range row {
			row[j] = data[at+j*inner]
		}
	}
	return buf.data
}

// at returns where row r of operand x begins.
func (l *loops) at(x, r int) int {
	at := 0
	for i := len(l.size) - 2; i >= 0; i-- {
		at += r % l.size[i] * l.stride[x][i]
		r /= l.size[i]
	}
	return at
}
