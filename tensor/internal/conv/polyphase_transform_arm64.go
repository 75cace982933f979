//go:build !noasm

package conv

import "unsafe"

func (v *vectors) phaseInput(dst []float32, stride int, image []float32, at *[phasePoints]int, channels int) {
	_ = dst[:(phasePoints-1)*stride+channels]
	v.pixels(image, at[:], channels, 0)
	v.args.src = unsafe.Pointer(&v.table)
	v.args.dst, v.args.dstStride = unsafe.Pointer(unsafe.SliceData(dst)), 4*stride
	v.channels(neonPhaseInput, channels)
}

func (v *vectors) phaseOutput(image []float32, at *[16]int, src []float32, stride, channels int) {
	_ = src[:(phasePoints-1)*stride+channels]
	v.pixels(image, at[:], channels, 1)
	v.args.dst = unsafe.Pointer(&v.table)
	v.args.src, v.args.srcStride = unsafe.Pointer(unsafe.SliceData(src)), 4*stride
	v.channels(neonPhaseOutput, channels)
}

func (v *vectors) phaseGradient(dst []float32, stride int, image []float32, at *[16]int, channels int) {
	_ = dst[:(phasePoints-1)*stride+channels]
	v.pixels(image, at[:], channels, 0)
	v.args.src = unsafe.Pointer(&v.table)
	v.args.dst, v.args.dstStride = unsafe.Pointer(unsafe.SliceData(dst)), 4*stride
	v.channels(neonPhaseGradient, channels)
}

// taps fills the table with the places of the positions of a kernel, of rows of n values.
func (v *vectors) taps(w []float32, at *[4]int, row, rows, n int) {
	for t, o := range at {
		v.table[t] = unsafe.Pointer(unsafe.SliceData(w[o : o+(rows-1)*row+n]))
	}
}

func (v *vectors) phaseWeight(u []float32, stride, width int, w []float32, at *[4]int, row, rows, n int) {
	if rows == 0 {
		return
	}
	_ = u[:(phasePoints-1)*stride+rows*width]
	g := &v.args
	g.srcStep, g.dstStride, g.dstStep = 4*row, 4*stride, 4*width
	for e := 0; e < n; {
		lanes := neonLanes
		if n-e < lanes {
			lanes = 1
		}
		v.taps(w[e:], at, row, rows, lanes)
		g.src, g.dst = unsafe.Pointer(&v.table), unsafe.Pointer(&u[e])
		v.run(neonPhaseWeight, 0, rows, lanes)
		e += lanes
	}
	if n == width {
		return
	}
	for p := range phasePoints {
		for c := range rows {
			clear(u[p*stride+c*width+n:][:width-n])
		}
	}
}

func (v *vectors) phaseWeightGradient(dw []float32, at *[4]int, row int, m []float32, stride, ld, rows, n int) {
	if rows == 0 {
		return
	}
	_ = m[:(phasePoints-1)*stride+(rows-1)*ld+n]
	g := &v.args
	g.srcStride, g.srcStep, g.dstStep = 4*stride, 4*ld, 4*row
	for e := 0; e < n; {
		lanes := neonLanes
		if n-e < lanes {
			lanes = 1
		}
		v.taps(dw[e:], at, row, rows, lanes)
		g.src, g.dst = unsafe.Pointer(&m[e]), unsafe.Pointer(&v.table)
		v.run(neonPhaseWeightGradient, 0, rows, lanes)
		e += lanes
	}
}
