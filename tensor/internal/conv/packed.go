package conv

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/gemm"
)

// Packed is a kernel made ready for one direction of a convolution, for networks that are used many times with the same
// weights. It holds a copy of them in the layout of the algorithm and may be used by several goroutines at a time.
type Packed struct {
	dir   Direction
	shape Shape // of the kernel
	alg   Algorithm
	kern  *gemm.Kernel
	w     []float32
	parts [][]float32
}

// Prepare packs w for the Output or the Input direction. Of s only what describes the kernel and its steps counts; the
// images can have any number and size. w must not change as long as the result is used.
func Prepare(w []float32, s *Shape, d Direction) *Packed {
	if d != Output && d != Input {
		panic("conv.Prepare: weights are packed for Output or Input")
	}
	k := *s
	k.N, k.H, k.W = 1, 8*max(1, s.StrideH), 8*max(1, s.StrideW) // large enough for every algorithm and residue class
	k.OH, k.OW = 8, 8
	k.check(make([]float32, k.OH*k.OW*k.Cout), make([]float32, k.H*k.W*k.Cin), w)
	p := &Packed{dir: d, shape: *s, alg: Plan(&k, d), w: w}
	var pairs bool
	p.kern, pairs = k.kernel(d)
	switch {
	case k.empty():
	case p.alg == Implicit || p.alg == Narrow:
		p.parts = make([][]float32, k.Groups*k.StrideH*k.StrideW)
		of, w := &k, w
		if pairs {
			buf := k.pairWeights(p.kern, d, w)
			defer buf.Free()
			of, w = k.paired(d), buf.Data
		}
		for _, side := range of.sides(d, p.kern) {
			side.b = make([]float32, side.packedLen())
			side.pack(of, w)
			p.parts[side.id] = side.b
		}
	case p.alg == Polyphase:
		p.parts = [][]float32{k.polyphasePack(d, w)}
	case p.alg == Winograd:
		g := k.winograd(d)
		u := make([]float32, g.weightsLen())
		g.weights(u, g.kernels(make([]float32, g.kernelsLen()), w))
		p.parts = [][]float32{u}
	case p.alg == Sequence:
		g := k.sequence(d)
		u := make([]float32, g.weightsLen())
		g.weights(u, w)
		p.parts = [][]float32{u}
	case p.alg == ToomCook:
		g := k.toomCook(d)
		u := make([]float32, g.weightsLen())
		g.weights(u, w)
		p.parts = [][]float32{u}
	}
	return p
}

// Run overwrites out with the convolution of in, or its input gradient, followed by the epilogue, which may be nil. The
// result has the same bits as that of Forward or GradInput with the same weights.
func (p *Packed) Run(out, in []float32, s *Shape, ep *Epilogue) {
	if s.KH != p.shape.KH || s.KW != p.shape.KW || s.Cin != p.shape.Cin || s.Cout != p.shape.Cout || s.Groups != p.shape.Groups ||
		s.StrideH != p.shape.StrideH || s.StrideW != p.shape.StrideW || s.DilH != p.shape.DilH || s.DilW != p.shape.DilW ||
		s.BF16 != p.shape.BF16 || p.dir == Input && (s.PadT != p.shape.PadT || s.PadL != p.shape.PadL) {
		panic(fmt.Sprintf("conv.Packed.Run: the kernel was prepared for %+v, not for %+v", p.shape, *s))
	}
	packed := p
	if kern, _ := s.kernel(p.dir); p.kern != kern || p.alg != Plan(s, p.dir) {
		packed = nil // another set of instructions, or an image too small for the algorithm
	}
	s.run(p.dir, out, in, p.w, packed, ep)
}
