package main

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor/internal/cpu/neon"
)

// armConvolution writes the transforms of Winograd's convolution and the epilogue.
func armConvolution() *neon.File {
	f := neon.NewFile("conv", "go run . -set convneon -to ../../conv/neon_arm64")
	for _, t := range transforms {
		if t.fused {
			continue
		}
		armTransform(f, t)
	}
	armEpilogue(f)
	return f
}

// Offsets of the fields of conv.transformArgs for arm64.
const (
	armTfSrc, armTfSrcStride, armTfDst, armTfDstStride = 0, 8, 16, 24
	armTfTmp, armTfCount, armTfSrcStep, armTfDstStep   = 32, 40, 48, 56
	armTfStart, armTfLanes                             = 64, 72
)

// An armLine computes a one-dimensional transform. The results are those of the same transform for amd64.
type armLine struct{ *neon.Block }

type armValues = []*neon.Value

func (l armLine) add(a, b *neon.Value) *neon.Value { return l.Binary(neon.FADD, a, b) }
func (l armLine) sub(a, b *neon.Value) *neon.Value { return l.Binary(neon.FSUB, a, b) }
func (l armLine) mul(a, b *neon.Value) *neon.Value { return l.Binary(neon.FMUL, a, b) }

// more and less are from ± a·b.
func (l armLine) more(from, a, b *neon.Value) *neon.Value { return l.Tied(neon.FMLA, from, a, b) }
func (l armLine) less(from, a, b *neon.Value) *neon.Value { return l.Tied(neon.FMLS, from, a, b) }

// armLines are the one-dimensional maps by the names of the transforms; c are their constants.
var armLines = map[string]func(l armLine, v, c armValues) armValues{
	"Input": func(l armLine, d, c armValues) armValues {
		a, b, aa, bb := c[0], c[1], c[2], c[3]
		q, t := l.less(d[4], bb, d[2]), l.less(d[3], bb, d[1])
		r, s := l.less(d[4], aa, d[2]), l.less(d[3], aa, d[1])
		last := l.less(l.less(d[5], bb, d[3]), aa, t)
		first := l.less(q, aa, l.less(d[2], bb, d[0]))
		return armValues{first, l.more(q, a, t), l.less(q, a, t), l.more(r, b, s), l.less(r, b, s), last}
	},
	"Output": func(l armLine, m, c armValues) armValues {
		a, b, aa, bb := c[0], c[1], c[2], c[3]
		p, r := l.add(m[1], m[2]), l.add(m[3], m[4])
		e, f := l.mul(a, l.sub(m[1], m[2])), l.mul(b, l.sub(m[3], m[4]))
		return armValues{
			l.add(l.add(m[0], p), r), l.add(e, f), l.more(l.mul(aa, p), bb, r), l.more(l.more(m[5], aa, e), bb, f),
		}
	},
	"Gradient": func(l armLine, e, c armValues) armValues {
		a, b, aa, bb := c[0], c[1], c[2], c[3]
		s, t := l.more(e[0], aa, e[2]), l.more(e[1], aa, e[3])
		u, v := l.more(e[0], bb, e[2]), l.more(e[1], bb, e[3])
		return armValues{e[0], l.more(s, a, t), l.less(s, a, t), l.more(u, b, v), l.less(u, b, v), e[3]}
	},
	"Weight": func(l armLine, g, c armValues) armValues {
		one, a0, a1, a2, b0, b1 := c[0], c[1], c[2], c[3], c[4], c[5]
		s := l.more(l.mul(a0, g[0]), a2, g[2])
		u := l.less(l.mul(b0, g[0]), a2, g[2]) // b²/nb is -a²/na
		return armValues{
			l.mul(one, g[0]), l.more(s, a1, g[1]), l.less(s, a1, g[1]), l.more(u, b1, g[1]), l.less(u, b1, g[1]), g[2],
		}
	},
	"WeightGradient": func(l armLine, m, c armValues) armValues {
		one, a0, a1, a2, b0, b1 := c[0], c[1], c[2], c[3], c[4], c[5]
		p, e := l.add(m[1], m[2]), l.sub(m[1], m[2])
		r, f := l.add(m[3], m[4]), l.sub(m[3], m[4])
		return armValues{
			l.more(l.more(l.mul(one, m[0]), a0, p), b0, r), l.more(l.mul(a1, e), b1, f), l.less(l.more(m[5], a2, p), a2, r),
		}
	},
}

// armTransform writes a transform of vectors of four lanes, or of single lanes.
func armTransform(f *neon.File, t transform) {
	const args, src, dst, tmp, count, srcOff, dstOff = neon.X(0), neon.X(1), neon.X(2), neon.X(3), neon.X(4), neon.X(5), neon.X(6)
	const srcStride, dstStride, at, column, lanes, step, srcStep, dstStep = neon.X(7), neon.X(8), neon.X(9), neon.X(10), neon.X(11), neon.X(12), neon.X(13), neon.X(14)
	g := f.Func("neon"+t.name, "a *byte", t.doc)
	g.Param("a", args)
	for _, field := range []struct {
		at int
		to neon.X
	}{
		{armTfSrc, src}, {armTfSrcStride, srcStride}, {armTfDst, dst}, {armTfDstStride, dstStride}, {armTfTmp, tmp},
		{armTfCount, count}, {armTfStart, srcOff}, {armTfLanes, lanes}, {armTfSrcStep, srcStep}, {armTfDstStep, dstStep},
	} {
		armField(g, field.at, field.to)
	}
	g.Go("MOVD R%d, R%d", srcOff, dstOff)
	g.Go("MOVD $%d, R%d", t.in, at)
	g.Go("MUL R%d, R%d, R%d", at, srcStride, step)
	var consts armValues
	for i, x := range t.consts {
		r := neon.V(31 - i)
		g.FillBits(math.Float32bits(x), r)
		consts = append(consts, neon.In(r))
	}
	free := make([]neon.V, 32-len(consts))
	for i := range free {
		free[i] = neon.V(i)
	}
	// pass transforms the values that load gives and stores the results.
	pass := func(load func(i int) func(*neon.Func, neon.V), store func(i int) func(*neon.Func, neon.V)) {
		l := armLine{new(neon.Block)}
		v := make(armValues, t.in)
		for i := range v {
			v[i] = l.Make(load(i))
		}
		for i, r := range armLines[t.name](l, v, consts) {
			l.Use(r, store(i))
		}
		if !l.Write(g, free) {
			panic(fmt.Sprintf("%s does not fit the registers", t.name))
		}
	}
	body := func(bytes int) {
		for j := range t.in {
			if !t.srcTable {
				if j == 0 {
					g.Go("ADD R%d, R%d, R%d", srcOff, src, column)
				} else {
					g.Go("ADD R%d, R%d", srcStride, column)
				}
				g.Go("MOVD R%d, R%d", column, at)
			}
			pass(func(i int) func(*neon.Func, neon.V) {
				return func(g *neon.Func, v neon.V) {
					if t.srcTable {
						g.Go("MOVD %d(R%d), R%d", 8*(i*t.in+j), src, at)
						g.Do(neon.LoadIndexed(v, at, srcOff, bytes))
						return
					}
					g.Do(neon.Load(v, at, 0, bytes))
					if i < t.in-1 {
						g.Go("ADD R%d, R%d", step, at)
					}
				}
			}, func(i int) func(*neon.Func, neon.V) {
				return func(g *neon.Func, v neon.V) { g.Do(neon.Store(v, tmp, 16*(i*t.in+j), neon.Four)) }
			})
		}
		if !t.dstTable {
			g.Go("ADD R%d, R%d, R%d", dstOff, dst, at)
		}
		for i := range t.out {
			pass(func(j int) func(*neon.Func, neon.V) {
				return func(g *neon.Func, v neon.V) { g.Do(neon.Load(v, tmp, 16*(i*t.in+j), neon.Four)) }
			}, func(j int) func(*neon.Func, neon.V) {
				return func(g *neon.Func, v neon.V) {
					if t.dstTable {
						g.Go("MOVD %d(R%d), R%d", 8*(i*t.out+j), dst, at)
						g.Do(neon.StoreIndexed(v, at, dstOff, bytes))
						return
					}
					g.Do(neon.Store(v, at, 0, bytes))
					if i*t.out+j < t.out*t.out-1 {
						g.Go("ADD R%d, R%d", dstStride, at)
					}
				}
			})
		}
		g.Go("ADD R%d, R%d", srcStep, srcOff)
		g.Go("ADD R%d, R%d", dstStep, dstOff)
		g.Go("SUBS $1, R%d", count)
	}
	g.Go("CMP $4, R%d", lanes)
	g.Go("BNE lane")
	g.Go("PCALIGN $16")
	g.Label("loop")
	body(neon.Four)
	g.Go("BNE loop")
	g.Return()
	g.Label("lane")
	body(neon.One)
	g.Go("BNE lane")
	g.Return()
}

// armEpilogue writes the kernel that finishes rows of a convolution: y = act(y + bias + residual).
func armEpilogue(f *neon.File) {
	const args, y, yRow, residual, residualRow, bias, slopes = neon.X(0), neon.X(1), neon.X(2), neon.X(3), neon.X(4), neon.X(5), neon.X(6)
	const rows, channels, act, off, left = neon.X(7), neon.X(8), neon.X(9), neon.X(10), neon.X(11)
	const v, w, below, zero = 0, 1, 2, 3
	g := f.Func("neonEpilogue", "a *byte", "Adds bias and residual to the channels of each row and applies the activation.")
	g.Param("a", args)
	for i, to := range []neon.X{y, yRow, residual, residualRow, bias, slopes, rows, channels, act} {
		armField(g, 8*i, to) // the fields of conv.epilogueArgs for arm64, in their order
	}
	g.Do(neon.Zero(zero))
	body := func(name string, bytes int) {
		g.Do(neon.LoadIndexed(v, y, off, bytes), neon.LoadIndexed(w, bias, off, bytes), neon.FADD.Of(v, v, w))
		g.Go("CBZ R%d, %sActivate", residual, name)
		g.Do(neon.LoadIndexed(w, residual, off, bytes), neon.FADD.Of(v, v, w))
		g.Label(name + "Activate")
		g.Go("CBZ R%d, %sStore", act, name)
		g.Do(neon.FCMGT.Of(below, zero, v))
		g.Go("CMP $1, R%d", act)
		g.Go("BNE %sSlope", name)
		g.Do(neon.BIC.Of(v, v, below))
		g.Go("B %sStore", name)
		g.Label(name + "Slope")
		g.Do(neon.LoadIndexed(w, slopes, off, bytes), neon.FMUL.Of(w, w, v), neon.BSL.Of(below, w, v), neon.Move(v, below))
		g.Label(name + "Store")
		g.Do(neon.StoreIndexed(v, y, off, bytes))
		g.Go("ADD $%d, R%d", bytes, off)
	}
	g.Label("row")
	g.Go("MOVD $0, R%d", off)
	g.Go("SUBS $4, R%d, R%d", channels, left)
	g.Go("BLT few")
	g.Label("loop")
	body("four", neon.Four)
	g.Go("SUBS $4, R%d", left)
	g.Go("BGE loop")
	g.Label("few")
	g.Go("ADDS $4, R%d", left)
	g.Go("BEQ next")
	g.Label("lane")
	body("one", neon.One)
	g.Go("SUBS $1, R%d", left)
	g.Go("BNE lane")
	g.Label("next")
	g.Go("ADD R%d, R%d", yRow, y)
	g.Go("ADD R%d, R%d", residualRow, residual)
	g.Go("SUBS $1, R%d", rows)
	g.Go("BNE row")
	g.Return()
}
