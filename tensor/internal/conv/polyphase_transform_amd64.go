//go:build !noasm

package conv

import "unsafe"

// phaseFamily is the assembly of one level.
type phaseFamily struct {
	input, output, gradient, weight, weightGradient func(*byte)
}

var (
	phases512 = phaseFamily{avx512PhaseInput, avx512PhaseOutput, avx512PhaseGradient, avx512PhaseWeight, avx512PhaseWeightGradient}
	phases2   = phaseFamily{avx2PhaseInput, avx2PhaseOutput, avx2PhaseGradient, avx2PhaseWeight, avx2PhaseWeightGradient}
)

func (v *vectors) phases() *phaseFamily {
	if v.f == &avx512 {
		return &phases512
	}
	return &phases2
}

func (v *vectors) phaseInput(dst []float32, stride int, image []float32, at *[phasePoints]int, channels int) {
	_ = dst[:(phasePoints-1)*stride+full(channels)]
	v.pixels(image, at[:], channels, 0)
	v.args.src = unsafe.Pointer(&v.table)
	v.args.dst, v.args.dstStride = unsafe.Pointer(&dst[0]), 4*stride
	v.channels(v.phases().input, channels)
}

func (v *vectors) phaseOutput(image []float32, at *[16]int, src []float32, stride, channels int) {
	_ = src[:(phasePoints-1)*stride+full(channels)]
	v.pixels(image, at[:], channels, 1)
	v.args.dst = unsafe.Pointer(&v.table)
	v.args.src, v.args.srcStride = unsafe.Pointer(&src[0]), 4*stride
	v.channels(v.phases().output, channels)
}

func (v *vectors) phaseGradient(dst []float32, stride int, image []float32, at *[16]int, channels int) {
	_ = dst[:(phasePoints-1)*stride+full(channels)]
	v.pixels(image, at[:], channels, 0)
	v.args.src = unsafe.Pointer(&v.table)
	v.args.dst, v.args.dstStride = unsafe.Pointer(&dst[0]), 4*stride
	v.channels(v.phases().gradient, channels)
}

func (v *vectors) phaseWeight(u []float32, stride, width int, w []float32, at *[4]int, row, rows, n int) {
	if rows == 0 {
		return
	}
	_ = u[:(phasePoints-1)*stride+rows*width]
	g := &v.args
	g.tmp = unsafe.Pointer(&v.tmp.Data[0])
	g.start = 0
	g.count, g.srcStep, g.dstStep = rows, 4*row, 4*width
	g.src, g.dstStride = unsafe.Pointer(&v.table), 4*stride
	for e := 0; e < width; e += v.f.lanes {
		lanes := min(v.f.lanes, n-e)
		if lanes <= 0 {
			for p := range phasePoints {
				for c := range rows {
					clear(u[p*stride+c*width+e:][:v.f.lanes])
				}
			}
			continue
		}
		v.setMask(lanes)
		for t, o := range at {
			v.table[t] = unsafe.Pointer(unsafe.SliceData(w[o+e : o+(rows-1)*row+n]))
		}
		g.dst = unsafe.Pointer(&u[e])
		v.phases().weight((*byte)(unsafe.Pointer(g)))
	}
}

func (v *vectors) phaseWeightGradient(dw []float32, at *[4]int, row int, m []float32, stride, ld, rows, n int) {
	if rows == 0 {
		return
	}
	_ = m[:(phasePoints-1)*stride+(rows-1)*ld+full(n)]
	g := &v.args
	g.tmp = unsafe.Pointer(&v.tmp.Data[0])
	g.start = 0
	g.count, g.srcStep, g.dstStep = rows, 4*ld, 4*row
	g.srcStride, g.dst = 4*stride, unsafe.Pointer(&v.table)
	for e := 0; e < n; e += v.f.lanes {
		v.setMask(min(v.f.lanes, n-e))
		for t, o := range at {
			v.table[t] = unsafe.Pointer(unsafe.SliceData(dw[o+e : o+(rows-1)*row+n]))
		}
		g.src = unsafe.Pointer(&m[e])
		v.phases().weightGradient((*byte)(unsafe.Pointer(g)))
	}
}
