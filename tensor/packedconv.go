package tensor

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/conv"
)

// PackedConv is the kernel of a convolution made ready for many uses, as inference wants it: it is packed once, and bias,
// addition and activation are computed while the result is in cache. It may be used by several goroutines at the same time.
type PackedConv struct {
	packed *conv.Packed
	w      *Tensor
	spec   ConvSpec
}

// ConvFinish is what follows a convolution: y = act(y + Bias + Add), where act takes negative values times Slope. The zero
// value is nothing.
type ConvFinish struct {
	Bias  *Tensor // (Cout), or nil
	Add   *Tensor // as large as the result, or nil
	Slope *Tensor // (1) or (Cout), or nil for no activation
}

// PackConv prepares w (KH,KW,Cin/Groups,Cout) for the convolutions that spec describes, whatever their padding. w must not
// change afterwards.
func PackConv(w *Tensor, spec ConvSpec) *PackedConv {
	g := groups(spec)
	if w.Rank() != 4 || w.Dim(3)%g != 0 {
		panic(fmt.Sprintf("tensor.PackConv: want (KH,KW,Cin/groups,Cout) with %d groups, got %s", g, Format(w.shape)))
	}
	s := &conv.Shape{KH: w.shape[0], KW: w.shape[1], Cin: w.shape[2] * g, Cout: w.shape[3], Groups: g, BF16: spec.BFloat16}
	s.StrideH, s.StrideW, s.DilH, s.DilW = strides(spec)
	return &PackedConv{packed: conv.Prepare(w.data, s, conv.Output), w: w, spec: spec}
}

// Into sets y to the convolution of x, followed by f. spec is that of [PackConv] but for its padding, and whether BFloat16 is set is said there. The result has the bits
// of [Conv2DInto]. It panics unless the shapes fit, as Conv2DInto does.
func (p *PackedConv) Into(y, x *Tensor, spec ConvSpec, f ConvFinish) {
	const op = "tensor.PackedConv.Into"
	spec.BFloat16 = p.spec.BFloat16
	s := convSizes(op, x.shape, p.w.shape, nil, spec)
	wantShape(op, y, []int{s.N, s.OH, s.OW, s.Cout})
	var ep conv.Epilogue
	if f.Bias != nil {
		wantShape(op, f.Bias, []int{s.Cout})
		ep.Bias = f.Bias.data
	}
	if f.Add != nil {
		wantShape(op, f.Add, y.shape)
		ep.Residual = f.Add.data
	}
	if f.Slope != nil {
		if f.Slope.Rank() != 1 || f.Slope.Len() != 1 && f.Slope.Len() != s.Cout {
			panic(fmt.Sprintf("%s: want 1 slope or %d, got %s", op, s.Cout, Format(f.Slope.shape)))
		}
		ep.Act, ep.Slopes = conv.Slope, f.Slope.data
	}
	p.packed.Run(y.data, x.data, s, &ep)
}
