package main

import (
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A kernel is a function of the elements of slices at one index. A slice may be both read and written.
type kernel struct {
	name   string
	doc    string   // the formula
	out    []string // slices written
	in     []string // slices read, and what the body gets
	rows   []string // those of in that repeat
	params []string // float32 scalars
	stream bool     // has a form that writes past the caches
	unroll int      // vectors in one turn of the main loop
	hold   []uint32 // constants that 512-bit kernels have the registers for; loading them each time is a bottleneck
	body   func(s *isa, in, p []Op) []Op
}

// slices lists the slices of k, the written ones first.
func (k *kernel) slices() []string {
	all := slices.Clone(k.out)
	for _, in := range k.in {
		if !slices.Contains(all, in) {
			all = append(all, in)
		}
	}
	return all
}

// elementwise writes k: whole turns of unroll vectors, then single vectors, then the lanes that are left.
func (s *isa) elementwise(k *kernel) { s.write(k, false) }

// streaming writes k with results that go past the caches. They begin at a multiple of the vector, and rows have period
// elements, a multiple of the lanes.
func (s *isa) streaming(k *kernel) { s.write(k, true) }

func (s *isa) write(k *kernel, stream bool) {
	name, doc, ints := k.name, k.doc, "n"
	if stream {
		name += "Stream"
		doc += ", past the caches"
		if len(k.rows) > 0 {
			ints += ", period"
			doc += "; rows repeat after period elements"
		}
	}
	signature := strings.Join(k.slices(), ", ") + " *float32, " + ints + " int"
	if len(k.params) > 0 {
		signature += ", " + strings.Join(k.params, ", ") + " float32"
	}
	s.begin(name, signature, doc)
	base := map[string]reg.GPVirtual{}
	for _, name := range k.slices() {
		base[name] = GP64()
		Load(Param(name), base[name])
	}
	n, i := GP64(), GP64()
	Load(Param("n"), n)
	p := make([]Op, len(k.params))
	for j, name := range k.params {
		p[j] = s.param(name)
	}
	if s.wide {
		s.held = map[uint32]Op{}
		for _, b := range k.hold {
			s.held[b] = s.fill(s.bits(b))
		}
		defer func() { s.held = nil }()
	}
	if !stream || len(k.rows) == 0 {
		s.run(k, base, n, i, p, stream)
	} else {
		period, left, piece := GP64(), GP64(), GP64()
		Load(Param("period"), period)
		MOVQ(n, left)
		Label("piece")
		MOVQ(period, n)
		CMPQ(left, n)
		CMOVQLT(left, n)
		MOVQ(n, piece)
		s.run(k, base, n, i, p, stream)
		for _, name := range k.slices() {
			if !slices.Contains(k.rows, name) {
				LEAQ(Mem{Base: base[name], Index: piece, Scale: 4}, base[name])
			}
		}
		SUBQ(piece, left)
		JNZ(LabelRef("piece"))
	}
	if stream {
		SFENCE()
	}
	VZEROUPPER()
	RET()
}

// run writes the loop over n elements. It leaves n at 0.
func (s *isa) run(k *kernel, base map[string]reg.GPVirtual, n, i reg.GPVirtual, p []Op, stream bool) {
	XORQ(i, i)
	at := func(name string, u int) Mem {
		return Mem{Base: base[name], Index: i, Scale: 4, Disp: 4 * u * s.lanes}
	}
	step := func(u int, mask Op) {
		in := make([]Op, len(k.in))
		for j, name := range k.in {
			in[j] = s.load(at(name, u), mask)
		}
		for j, v := range k.body(s, in, p) {
			if stream && mask == nil {
				VMOVNTPS(v, at(k.out[j], u))
			} else {
				s.store(v, at(k.out[j], u), mask)
			}
		}
	}
	lanes := s.lanes
	if k.unroll > 1 {
		SUBQ(U32(k.unroll*lanes), n)
		JLT(LabelRef("few"))
		align()
		Label("many")
		for u := range k.unroll {
			step(u, nil)
		}
		ADDQ(U32(k.unroll*lanes), i)
		SUBQ(U32(k.unroll*lanes), n)
		JGE(LabelRef("many"))
		Label("few")
		ADDQ(U32((k.unroll-1)*lanes), n)
	} else {
		SUBQ(U32(lanes), n)
	}
	JLT(LabelRef("tail"))
	if k.unroll == 1 {
		align()
	}
	Label("one")
	step(0, nil)
	ADDQ(U32(lanes), i)
	SUBQ(U32(lanes), n)
	JGE(LabelRef("one"))
	Label("tail")
	ADDQ(U32(lanes), n)
	JZ(LabelRef("done"))
	step(0, s.tailMask(n))
	Label("done")
}
