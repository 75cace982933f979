package main

import "github.com/gander-ml/gander/tensor/internal/cpu/neon"

// armBytes writes the conversions between uint8 and float32. n is a multiple of 16.
func armBytes(f *neon.File) {
	const n, dst, x = neon.X(0), neon.X(1), neon.X(2)
	const scale, shift, zero, most = 31, 30, 29, 28
	loop := func(g *neon.Func, dstBytes, xBytes int, body func()) {
		g.Param("n", n)
		g.Param("dst", dst)
		g.Param("x", x)
		g.FillParam("scale", scale)
		g.FillParam("shift", shift)
		g.FillBits(0, zero)
		g.FillBits(0x437f0000, most) // 255
		g.Go("SUBS $16, R%d", n)
		g.Go("BLT done")
		g.Label("loop")
		body()
		g.Go("ADD $%d, R%d", 16*dstBytes, dst)
		g.Go("ADD $%d, R%d", 16*xBytes, x)
		g.Go("SUBS $16, R%d", n)
		g.Go("BGE loop")
		g.Label("done")
		g.Return()
	}
	from := f.Func("neonFromBytes", "dst *float32, x *uint8, n int, scale, shift float32", "dst[i] = scale*x[i] + shift")
	loop(from, 4, 1, func() {
		from.Do(neon.Load(0, x, 0, neon.Four), neon.UXTLB2.Of(2, 0), neon.UXTLB.Of(0, 0))
		from.Do(neon.UXTLH2.Of(1, 0), neon.UXTLH.Of(0, 0), neon.UXTLH2.Of(3, 2), neon.UXTLH.Of(2, 2))
		for v := range neon.V(4) {
			from.Do(neon.UCVTF.Of(v, v), neon.FMUL.Of(v, v, scale), neon.FADD.Of(v, v, shift), neon.Store(v, dst, 16*int(v), neon.Four))
		}
	})
	to := f.Func("neonToBytes", "dst *uint8, x *float32, n int, scale, shift float32",
		"dst[i] = scale*x[i] + shift, limited to [0, 255] and rounded to even; 0 for NaN")
	loop(to, 1, 4, func() {
		for v := range neon.V(4) {
			to.Do(neon.Load(v, x, 16*int(v), neon.Four), neon.FMUL.Of(v, v, scale), neon.FADD.Of(v, v, shift))
			to.Do(neon.FMAXN.Of(v, v, zero), neon.FMIN.Of(v, v, most), neon.FCVTNS.Of(v, v))
		}
		to.Do(neon.XTNS.Of(4, 0), neon.XTNS2.Of(4, 1), neon.XTNS.Of(5, 2), neon.XTNS2.Of(5, 3))
		to.Do(neon.XTNH.Of(6, 4), neon.XTNH2.Of(6, 5), neon.Store(6, dst, 0, neon.Four))
	})
}

// armExtremes writes the search for the largest and smallest bits, as extremes does.
func armExtremes(f *neon.File) {
	const n, found, x = neon.X(0), neon.X(1), neon.X(2)
	const clear, v, ordered = 31, 30, 29 // clear has all bits but the sign
	g := f.Func("neonExtremes", "found *int32, x *float32, n int",
		"found[0,1,2] of 16 lanes each = max of them and |bits|, ordered bits, ^ordered bits")
	g.Param("n", n)
	g.Param("found", found)
	g.Param("x", x)
	g.FillBits(0x7fffffff, clear)
	for best := range neon.V(12) {
		g.Do(neon.Load(best, found, 16*int(best), neon.Four))
	}
	g.Go("SUBS $16, R%d", n)
	g.Go("BLT done")
	g.Label("loop")
	for i := range neon.V(4) {
		g.Do(neon.Load(v, x, 16*int(i), neon.Four), neon.AND.Of(ordered, v, clear), neon.SMAX.Of(i, i, ordered))
		g.Do(neon.ShiftRight(ordered, v, 31), neon.AND.Of(ordered, ordered, clear), neon.EOR.Of(ordered, ordered, v))
		g.Do(neon.SMAX.Of(4+i, 4+i, ordered), neon.NOT.Of(ordered, ordered), neon.SMAX.Of(8+i, 8+i, ordered))
	}
	g.Go("ADD $64, R%d", x)
	g.Go("SUBS $16, R%d", n)
	g.Go("BGE loop")
	g.Label("done")
	for best := range neon.V(12) {
		g.Do(neon.Store(best, found, 16*int(best), neon.Four))
	}
	g.Return()
}
