//go:build !noasm

package conv

import (
	"sync"
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// neonLanes is the number of channels in a vector.
const neonLanes = 4

// transformArgs is what the assembly reads; gemm/_asm knows the offsets. Distances are in bytes.
type transformArgs struct {
	src              unsafe.Pointer // values at equal distances, or a table of pointers to them
	srcStride        int
	dst              unsafe.Pointer
	dstStride        int
	tmp              unsafe.Pointer
	count            int // vectors, or single lanes
	srcStep, dstStep int // from one to the next
	start            int
	lanes            int // neonLanes or 1
}

// vectors computes the transforms in assembly. It is lent to one goroutine at a time.
type vectors struct {
	args  transformArgs
	table [points]unsafe.Pointer
	tmp   *scratch.Buf
	spare []float32 // zeros to read, and in its second half a place to write to, for pixels outside the image
}

var vectorsPool = sync.Pool{New: func() any { return &vectors{tmp: scratch.Get(points * neonLanes)} }}

func newTransformer(l cpu.Level) transformer {
	if l != cpu.NEON {
		return portable{}
	}
	return vectorsPool.Get().(*vectors)
}

func (v *vectors) release() {
	v.args = transformArgs{}
	clear(v.table[:])
	vectorsPool.Put(v)
}

func (v *vectors) multiply(kern *gemm.Kernel, p *product) { p.each(kern) }

// pixels fills the table with the places of pixels of so many channels.
func (v *vectors) pixels(image []float32, at []int, channels, outside int) {
	if len(v.spare) < 2*channels {
		v.spare = make([]float32, 2*channels)
	}
	none := unsafe.Pointer(&v.spare[outside*len(v.spare)/2])
	for i, o := range at {
		if o < 0 {
			v.table[i] = none
		} else {
			v.table[i] = unsafe.Pointer(unsafe.SliceData(image[o : o+channels]))
		}
	}
}

// run calls f for count vectors or single lanes.
func (v *vectors) run(f func(*byte), start, count, lanes int) {
	if count == 0 {
		return
	}
	g := &v.args
	g.tmp = unsafe.Pointer(&v.tmp.Data[0])
	g.start, g.count, g.lanes = 4*start, count, lanes
	f((*byte)(unsafe.Pointer(g)))
}

// channels runs f over n channels that lie side by side on both sides.
func (v *vectors) channels(f func(*byte), n int) {
	whole := n / neonLanes
	v.args.srcStep, v.args.dstStep = 4*neonLanes, 4*neonLanes
	v.run(f, 0, whole, neonLanes)
	v.args.srcStep, v.args.dstStep = 4, 4
	v.run(f, whole*neonLanes, n%neonLanes, 1)
}

func (v *vectors) input(dst []float32, d domain, image []float32, at *[points]int, s series, channels int) {
	for t := range s.tiles {
		v.inputTile(dst[t*d.ld:], d.stride, image[t*s.step:], at, channels)
	}
}

func (v *vectors) output(image []float32, at *[16]int, src []float32, d domain, s series, _, channels int, _ *finisher) bool {
	for t := range s.tiles {
		v.outputTile(image[t*s.step:], at, src[t*d.ld:], d.stride, channels)
	}
	return false
}

func (v *vectors) gradient(dst []float32, d domain, image []float32, at *[16]int, s series, channels int) {
	for t := range s.tiles {
		v.gradientTile(dst[t*d.ld:], d.stride, image[t*s.step:], at, channels)
	}
}

func (v *vectors) inputTile(dst []float32, stride int, image []float32, at *[points]int, channels int) {
	_ = dst[:(points-1)*stride+channels]
	v.pixels(image, at[:], channels, 0)
	v.args.src = unsafe.Pointer(&v.table)
	v.args.dst, v.args.dstStride = unsafe.Pointer(unsafe.SliceData(dst)), 4*stride
	v.channels(neonInput, channels)
}

func (v *vectors) outputTile(image []float32, at *[16]int, src []float32, stride, channels int) {
	_ = src[:(points-1)*stride+channels]
	v.pixels(image, at[:], channels, 1)
	v.args.dst = unsafe.Pointer(&v.table)
	v.args.src, v.args.srcStride = unsafe.Pointer(unsafe.SliceData(src)), 4*stride
	v.channels(neonOutput, channels)
}

func (v *vectors) gradientTile(dst []float32, stride int, image []float32, at *[16]int, channels int) {
	_ = dst[:(points-1)*stride+channels]
	v.pixels(image, at[:], channels, 0)
	v.args.src = unsafe.Pointer(&v.table)
	v.args.dst, v.args.dstStride = unsafe.Pointer(unsafe.SliceData(dst)), 4*stride
	v.channels(neonGradient, channels)
}

// columns runs f over n columns of so many rows, vectors of columns first.
func (v *vectors) columns(f func(*byte), src, dst []float32, n, rows int) {
	for e := 0; e < n; {
		lanes := neonLanes
		if n-e < lanes {
			lanes = 1
		}
		v.args.src, v.args.dst = unsafe.Pointer(&src[e]), unsafe.Pointer(&dst[e])
		v.run(f, 0, rows, lanes)
		e += lanes
	}
}

func (v *vectors) weight(u []float32, stride, width int, w []float32, tap, row, rows, n int) {
	if rows == 0 {
		return
	}
	_ = u[:(points-1)*stride+rows*width]
	_ = w[:8*tap+(rows-1)*row+n]
	g := &v.args
	g.srcStride, g.srcStep = 4*tap, 4*row
	g.dstStride, g.dstStep = 4*stride, 4*width
	v.columns(neonWeight, w, u, n, rows)
	if n == width {
		return
	}
	for p := range points {
		for c := range rows {
			clear(u[p*stride+c*width+n:][:width-n])
		}
	}
}

func (v *vectors) weightGradient(dw []float32, tap, row int, m []float32, stride, ld, rows, n int) {
	if rows == 0 {
		return
	}
	_ = dw[:8*tap+(rows-1)*row+n]
	_ = m[:(points-1)*stride+(rows-1)*ld+n]
	g := &v.args
	g.srcStride, g.srcStep = 4*stride, 4*ld
	g.dstStride, g.dstStep = 4*tap, 4*row
	v.columns(neonWeightGradient, m, dw, n, rows)
}
