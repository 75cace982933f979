package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gander-ml/gander/tensor/internal/cpu/neon"
	. "github.com/mmcloughlin/avo/operand"
)

// armLanes is the number of float32 in a vector of arm64.
const armLanes = 4

// An armBody is one turn of a kernel for arm64 while it is written.
type armBody struct {
	block  *neon.Block
	known  *[]uint32     // constants in the order of their first use
	consts []*neon.Value // the first of them, which are in registers
}

// An armMask is the lanes of a vector where all bits are set, or where none are.
type armMask struct {
	*neon.Value
	not bool
}

func (b *armBody) constant(bits uint32) Op {
	i := slices.Index(*b.known, bits)
	if i < 0 {
		i = len(*b.known)
		*b.known = append(*b.known, bits)
	}
	if i < len(b.consts) {
		return b.consts[i]
	}
	return b.block.Make(func(g *neon.Func, dst neon.V) { g.FillBits(bits, dst) })
}

func (b *armBody) binary(op neon.Binary, x, y Op) Op {
	if m, ok := x.(armMask); ok && !m.not {
		x = m.Value
	}
	return b.block.Binary(op, x.(*neon.Value), y.(*neon.Value))
}

func (b *armBody) unary(op func(dst, a neon.V) neon.Instruction, x Op) Op {
	return b.block.Unary(op, x.(*neon.Value))
}

func (b *armBody) compare(relation uint64, x, y Op) Op {
	is := func(op neon.Binary, x, y Op, not bool) Op { return armMask{b.binary(op, x, y).(*neon.Value), not} }
	switch relation {
	case equal:
		return is(neon.FCMEQ, x, y, false)
	case less:
		return is(neon.FCMGT, y, x, false)
	case lessEqual:
		return is(neon.FCMGE, y, x, false)
	case greater:
		return is(neon.FCMGT, x, y, false)
	case greaterEqual:
		return is(neon.FCMGE, x, y, false)
	case notLess:
		return is(neon.FCMGT, y, x, true)
	case notLessEqual:
		return is(neon.FCMGE, y, x, true)
	case notGreater:
		return is(neon.FCMGT, x, y, true)
	case unordered:
		if x == y {
			return is(neon.FCMEQ, x, x, true)
		}
		return is(neon.ORR, b.binary(neon.FCMGE, x, y), b.binary(neon.FCMGT, y, x), true)
	}
	panic(fmt.Sprintf("unknown relation %#x", relation))
}

func (b *armBody) pick(mask, yes, no Op) Op {
	m := mask.(armMask)
	if m.not {
		yes, no = no, yes
	}
	return b.block.Tied(neon.BSL, m.Value, yes.(*neon.Value), no.(*neon.Value))
}

func (b *armBody) keep(mask, v Op) Op {
	m := mask.(armMask)
	if m.not {
		return b.binary(neon.BIC, v, m.Value)
	}
	return b.binary(neon.AND, v, m.Value)
}

// arm64 writes all kernels for arm64.
func arm64() *neon.File {
	f := neon.NewFile("vec", "go run . -set neon -to ../neon_arm64")
	for _, k := range kernels() {
		armElementwise(f, k)
	}
	for _, st := range statistics() {
		armStatistic(f, st)
	}
	armBytes(f)
	armExtremes(f)
	return f
}

// armElementwise writes k: whole turns of unroll vectors, then single vectors, then single lanes.
func armElementwise(f *neon.File, k *kernel) {
	signature := strings.Join(k.slices(), ", ") + " *float32, n int"
	if len(k.params) > 0 {
		signature += ", " + strings.Join(k.params, ", ") + " float32"
	}
	g := f.Func("neon"+k.name, signature, k.doc)
	const n = neon.X(0)
	base := map[string]neon.X{}
	g.Param("n", n)
	for i, name := range k.slices() {
		base[name] = neon.X(1 + i)
		g.Param(name, base[name])
	}
	params := make([]Op, len(k.params))
	for i, name := range k.params {
		r := neon.V(31 - i)
		g.FillParam(name, r)
		params[i] = neon.In(r)
	}
	// step returns the operations on the vector or lane at an offset of bytes, with as many constants in registers.
	var known []uint32
	step := func(offset, bytes, held int) *neon.Block {
		b := &armBody{block: new(neon.Block), known: &known}
		for i := range held {
			b.consts = append(b.consts, neon.In(neon.V(31-len(k.params)-i)))
		}
		in := make([]Op, len(k.in))
		for i, name := range k.in {
			in[i] = b.block.Make(func(g *neon.Func, dst neon.V) { g.Do(neon.Load(dst, base[name], offset, bytes)) })
		}
		for i, v := range k.body(&isa{arm: b}, in, params) {
			b.block.Use(v.(*neon.Value), func(g *neon.Func, v neon.V) { g.Do(neon.Store(v, base[k.out[i]], offset, bytes)) })
		}
		return b.block
	}
	step(0, neon.Four, 0) // collects the constants
	free := func(held int) (all []neon.V) {
		for r := range neon.V(32 - len(k.params) - held) {
			all = append(all, r)
		}
		return all
	}
	held := min(len(known), 31-len(k.params))
	for !step(0, neon.Four, held).Write(neon.NewFile("", "").Func(k.name, signature, k.doc), free(held)) {
		held--
	}
	for i, bits := range known[:held] {
		g.FillBits(bits, neon.V(31-len(k.params)-i))
	}
	turn := func(vectors, bytes int) {
		for u := range vectors {
			step(u*bytes, bytes, held).Write(g, free(held))
		}
		for _, name := range k.slices() {
			g.Go("ADD $%d, R%d", vectors*bytes, base[name])
		}
	}
	if k.unroll > 1 {
		g.Go("SUBS $%d, R%d", k.unroll*armLanes, n)
		g.Go("BLT few")
		g.Go("PCALIGN $16")
		g.Label("many")
		turn(k.unroll, neon.Four)
		g.Go("SUBS $%d, R%d", k.unroll*armLanes, n)
		g.Go("BGE many")
		g.Label("few")
		g.Go("ADD $%d, R%d", (k.unroll-1)*armLanes, n)
		g.Go("CMP $0, R%d", n)
	} else {
		g.Go("SUBS $%d, R%d", armLanes, n)
	}
	g.Go("BLT tail")
	g.Label("one")
	turn(1, neon.Four)
	g.Go("SUBS $%d, R%d", armLanes, n)
	g.Go("BGE one")
	g.Label("tail")
	g.Go("ADDS $%d, R%d", armLanes, n)
	g.Go("BEQ done")
	g.Label("lane")
	turn(1, neon.One)
	g.Go("SUBS $1, R%d", n)
	g.Go("BNE lane")
	g.Label("done")
	g.Return()
}
