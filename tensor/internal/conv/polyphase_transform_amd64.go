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
	v.toDomain(v.phases().input, phasePoints, dst, domain{stride: stride}, image, at[:], series{tiles: 1}, channels)
}

func (v *vectors) phaseOutput(image []float32, at *[16]int, src []float32, stride, channels int) {
	v.fromDomain(v.phases().output, phasePoints, image, at, src, domain{stride: stride}, series{tiles: 1}, 0, channels, nil)
}

func (v *vectors) phaseGradient(dst []float32, stride int, image []float32, at *[16]int, channels int) {
	v.toDomain(v.phases().gradient, phasePoints, dst, domain{stride: stride}, image, at[:], series{tiles: 1}, channels)
}

func (v *vectors) phaseWeight(u []float32, stride, width int, w []float32, at *[4]int, row, rows, n int) {
	if rows == 0 {
		return
	}
	_ = u[:(phasePoints-1)*stride+rows*width]
	g := &v.args
	g.tmp = unsafe.Pointer(&v.tmp.Data[0])
	g.table, g.tiles = unsafe.Pointer(&v.table), 1
	g.count, g.srcStep, g.dstStep = rows, 4*row, 4*width
	g.dstStride = 4 * stride
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
			_ = w[o+e : o+(rows-1)*row+n]
			v.table[t] = 4 * o
		}
		g.src = unsafe.Pointer(&w[e])
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
	g.table, g.tiles = unsafe.Pointer(&v.table), 1
	g.count, g.srcStep, g.dstStep = rows, 4*ld, 4*row
	g.srcStride = 4 * stride
	for e := 0; e < n; e += v.f.lanes {
		v.setMask(min(v.f.lanes, n-e))
		for t, o := range at {
			_ = dw[o+e : o+(rows-1)*row+n]
			v.table[t] = 4 * o
		}
		g.dst = unsafe.Pointer(&dw[e])
		g.src = unsafe.Pointer(&m[e])
		v.phases().weightGradient((*byte)(unsafe.Pointer(g)))
	}
}
