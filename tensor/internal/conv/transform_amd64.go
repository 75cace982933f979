//go:build !noasm

package conv

import (
	"sync"
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// transformArgs is what the assembly reads; gemm/_asm knows the offsets. Distances are in bytes.
type transformArgs struct {
	src                     unsafe.Pointer // values at equal distances, or what the table counts from
	srcStride               int
	dst                     unsafe.Pointer
	dstStride               int
	tmp                     unsafe.Pointer
	count                   int // vectors
	srcStep, dstStep        int // from vector to vector
	mask                    uint64
	maskVector              unsafe.Pointer
	table                   unsafe.Pointer // offsets of pixels, and of those of the residual
	tiles                   int
	srcTile, dstTile        int // from tile to tile
	bias, slopes            unsafe.Pointer
	residual                int // 1 if there is one
	act                     Act
	srcAt, dstAt, tilesLeft int // these are only changed: where the kernel is, which may be past the end
}

// vectors computes the transforms in assembly. It is lent to one goroutine at a time.
type vectors struct {
	args    transformArgs
	product productArgs
	table   [points]int
	tmp     *scratch.Buf // starts at a cache line
	spare   *scratch.Buf // zeros to read, and in its second half a place to write to, for pixels outside the image
	f       *family
}

// family is the assembly of one level.
type family struct {
	lanes                                   int
	input, gradient, weight, weightGradient func(*byte)
	output, outputFused                     [2]func(*byte)   // through the caches and past them
	products                                []productKernels // the tallest first
	pool                                    sync.Pool
}

var avx512 = family{
	lanes: 16, input: avx512Input, output: [2]func(*byte){avx512Output, avx512OutputStream},
	outputFused: [2]func(*byte){avx512OutputFused, avx512OutputFusedStream}, gradient: avx512Gradient, weight: avx512Weight,
	weightGradient: avx512WeightGradient,
	products: []productKernels{
		{12, [2][3]func(*byte){{avx512Product12x1, avx512ProductT12x1, avx512ProductFar12x1}, {avx512Product12x2, avx512ProductT12x2, avx512ProductFar12x2}}},
		{8, [2][3]func(*byte){{avx512Product8x1, avx512ProductT8x1, avx512ProductFar8x1}, {avx512Product8x2, avx512ProductT8x2, avx512ProductFar8x2}}},
		{4, [2][3]func(*byte){{avx512Product4x1, avx512ProductT4x1, avx512ProductFar4x1}, {avx512Product4x2, avx512ProductT4x2, avx512ProductFar4x2}}},
	},
}

var avx2 = family{
	lanes: 8, input: avx2Input, output: [2]func(*byte){avx2Output, avx2OutputStream},
	outputFused: [2]func(*byte){avx2OutputFused, avx2OutputFusedStream}, gradient: avx2Gradient, weight: avx2Weight,
	weightGradient: avx2WeightGradient,
	products: []productKernels{
		{6, [2][3]func(*byte){{avx2Product6x1, avx2ProductT6x1, avx2ProductFar6x1}, {avx2Product6x2, avx2ProductT6x2, avx2ProductFar6x2}}},
		{4, [2][3]func(*byte){{avx2Product4x1, avx2ProductT4x1, avx2ProductFar4x1}, {avx2Product4x2, avx2ProductT4x2, avx2ProductFar4x2}}},
		{2, [2][3]func(*byte){{avx2Product2x1, avx2ProductT2x1, avx2ProductFar2x1}, {avx2Product2x2, avx2ProductT2x2, avx2ProductFar2x2}}},
	},
}

func newTransformer(l cpu.Level) transformer {
	f := &avx512
	switch l {
	case cpu.AVX2:
		f = &avx2
	case cpu.Portable:
		return portable{}
	}
	if v, ok := f.pool.Get().(*vectors); ok {
		return v
	}
	return &vectors{f: f, tmp: scratch.Get(points * 16)}
}

func (v *vectors) release() {
	v.args, v.product = transformArgs{}, productArgs{}
	v.f.pool.Put(v)
}

// laneMasks[n] selects the first n of 8 lanes.
var laneMasks = func() (m [9][8]int32) {
	for n := range m {
		for i := range n {
			m[n][i] = -1
		}
	}
	return m
}()

func (v *vectors) setMask(lanes int) {
	v.args.mask = 1<<lanes - 1
	v.args.maskVector = unsafe.Pointer(&laneMasks[min(lanes, 8)])
}

// pixels fills the table from n on with the places of pixels of the image, counted from another slice of memory.
func (v *vectors) pixels(n int, from, image []float32, at []int, channels, outside int) {
	if room := 2 * full(channels); v.spare == nil || len(v.spare.Data) < room {
		v.spare = scratch.Get(room)
		clear(v.spare.Data)
	}
	start := int(uintptr(unsafe.Pointer(unsafe.SliceData(from))))
	in := int(uintptr(unsafe.Pointer(unsafe.SliceData(image)))) - start
	none := int(uintptr(unsafe.Pointer(&v.spare.Data[outside*len(v.spare.Data)/2]))) - start
	for i, o := range at {
		e := in + 4*o
		if o < 0 {
			e = none
		}
		v.table[n+i] = e
	}
}

// channels runs f over the tiles of a series, with channels that lie side by side on both sides.
func (v *vectors) channels(f func(*byte), src, dst, bias, slopes unsafe.Pointer, tiles, n int) {
	g := &v.args
	g.tmp, g.table = unsafe.Pointer(&v.tmp.Data[0]), unsafe.Pointer(&v.table)
	g.src, g.dst, g.bias, g.slopes, g.tiles = src, dst, bias, slopes, tiles
	g.srcStep, g.dstStep = 4*v.f.lanes, 4*v.f.lanes
	if g.count = n / v.f.lanes; g.count > 0 {
		v.setMask(v.f.lanes)
		f((*byte)(unsafe.Pointer(g)))
	}
	if tail := n % v.f.lanes; tail > 0 {
		start := 4 * (n - tail)
		g.src, g.dst = unsafe.Add(src, start), unsafe.Add(dst, start)
		if bias != nil {
			g.bias, g.slopes = unsafe.Add(bias, start), unsafe.Add(slopes, start)
		}
		g.count = 1
		v.setMask(tail)
		f((*byte)(unsafe.Pointer(g)))
	}
}

func (v *vectors) input(dst []float32, d domain, image []float32, at *[points]int, s series, channels int) {
	v.toDomain(v.f.input, points, dst, d, image, at[:], s, channels)
}

func (v *vectors) gradient(dst []float32, d domain, image []float32, at *[16]int, s series, channels int) {
	v.toDomain(v.f.gradient, points, dst, d, image, at[:], s, channels)
}

// toDomain transforms pixels to n values a channel.
func (v *vectors) toDomain(f func(*byte), n int, dst []float32, d domain, image []float32, at []int, s series, channels int) {
	_ = dst[:(n-1)*d.stride+(s.tiles-1)*d.ld+full(channels)]
	_ = image[:s.end(at, channels)]
	v.pixels(0, image, image, at, channels, 0)
	v.args.dstStride, v.args.srcTile, v.args.dstTile = 4*d.stride, 4*s.step, 4*d.ld
	v.channels(f, unsafe.Pointer(unsafe.SliceData(image)), unsafe.Pointer(&dst[0]), nil, nil, s.tiles, channels)
}

func (v *vectors) output(image []float32, at *[16]int, src []float32, d domain, s series, j, channels int, fin *finisher) bool {
	f := &v.f.output
	if fin != nil {
		f = &v.f.outputFused
	}
	past := 0
	if s.stream {
		past = 1
	}
	v.fromDomain(f[past], points, image, at, src, d, s, j, channels, fin)
	return true
}

// fromDomain transforms n values a channel back.
func (v *vectors) fromDomain(f func(*byte), n int, image []float32, at *[16]int, src []float32, d domain, s series, j, channels int, fin *finisher) {
	_ = src[:(n-1)*d.stride+(s.tiles-1)*d.ld+full(channels)]
	end := s.end(at[:], channels)
	_ = image[:end]
	v.pixels(0, image, image, at[:], channels, 1)
	g := &v.args
	g.srcStride, g.srcTile, g.dstTile = 4*d.stride, 4*d.ld, 4*s.step
	var bias, slopes unsafe.Pointer
	if fin != nil {
		g.act, g.residual = fin.act, 0
		_, _ = fin.bias[:j+channels], fin.slopes[:j+channels]
		bias, slopes = unsafe.Pointer(&fin.bias[j]), unsafe.Pointer(&fin.slopes[j])
		if fin.residual != nil {
			_ = fin.residual[:end]
			v.pixels(16, image, fin.residual, at[:], channels, 1)
			g.residual = 1
		}
	}
	v.channels(f, unsafe.Pointer(&src[0]), unsafe.Pointer(unsafe.SliceData(image)), bias, slopes, s.tiles, channels)
}

func (v *vectors) weight(u []float32, stride, width int, w []float32, tap, row, rows, n int) {
	if rows == 0 {
		return
	}
	_ = u[:(points-1)*stride+rows*width]
	_ = w[:8*tap+(rows-1)*row+n]
	g := &v.args
	g.tmp = unsafe.Pointer(&v.tmp.Data[0])
	g.tiles = 1
	g.count, g.srcStep, g.dstStep = rows, 4*row, 4*width
	g.srcStride, g.dstStride = 4*tap, 4*stride
	for e := 0; e < width; e += v.f.lanes {
		lanes := min(v.f.lanes, n-e)
		if lanes <= 0 {
			for p := range points {
				for c := range rows {
					clear(u[p*stride+c*width+e:][:v.f.lanes])
				}
			}
			continue
		}
		v.setMask(lanes)
		g.src, g.dst = unsafe.Pointer(&w[e]), unsafe.Pointer(&u[e])
		v.f.weight((*byte)(unsafe.Pointer(g)))
	}
}

func (v *vectors) weightGradient(dw []float32, tap, row int, m []float32, stride, ld, rows, n int) {
	if rows == 0 {
		return
	}
	_ = dw[:8*tap+(rows-1)*row+n]
	_ = m[:(points-1)*stride+(rows-1)*ld+full(n)]
	g := &v.args
	g.tmp = unsafe.Pointer(&v.tmp.Data[0])
	g.tiles = 1
	g.count, g.srcStep, g.dstStep = rows, 4*ld, 4*row
	g.srcStride, g.dstStride = 4*stride, 4*tap
	for e := 0; e < n; e += v.f.lanes {
		v.setMask(min(v.f.lanes, n-e))
		g.src, g.dst = unsafe.Pointer(&m[e]), unsafe.Pointer(&dw[e])
		v.f.weightGradient((*byte)(unsafe.Pointer(g)))
	}
}
