package conv

import "github.com/gander-ml/gander/tensor/internal/gemm"

// axis is one dimension of an input gradient. The input positions of one residue class modulo the stride, start,
// start+stride, …, receive from the same kernel positions: kernel[t] of output i+shift[t], for the i-th of count.
type axis struct {
	start, count  int
	kernel, shift []int
}

// axes splits the size positions of a dimension into residue classes. Shifts rise, so that the taps read along memory.
func axes(size, kernel, stride, dilation, pad int) []axis {
	all := make([]axis, 0, stride)
	for start := range min(stride, size) {
		a := axis{start: start, count: (size - start + stride - 1) / stride}
		for p := kernel - 1; p >= 0; p-- {
			if d := start + pad - p*dilation; d%stride == 0 {
				a.kernel = append(a.kernel, p)
				a.shift = append(a.shift, d/stride)
			}
		}
		all = append(all, a)
	}
	return all
}

// inputSides returns the parts of an input gradient, one for each residue class of rows and columns, of one group.
func (s *Shape) inputSides(kern *gemm.Kernel, group int) []*side {
	var all []*side
	for _, v := range axes(s.H, s.KH, s.StrideH, s.DilH, s.PadT) {
		for _, u := range axes(s.W, s.KW, s.StrideW, s.DilW, s.PadL) {
			all = append(all, s.inputSide(kern, group, &v, &u))
		}
	}
	return all
}

func (s *Shape) inputSide(kern *gemm.Kernel, group int, v, u *axis) *side {
	cg, og := s.Cin/s.Groups, s.Cout/s.Groups
	p := &side{
		m: patches{
			n: s.N, oh: v.count, ow: u.count, stepH: 1, stepW: 1,
			h: s.OH, w: s.OW, stride: s.Cout, first: group * og, each: og,
		},
		kern: kern, narrow: cg <= gemm.MaxDot, cols: cg, flip: true,
		out: grid{s.StrideH, s.StrideW, v.start, u.start, s.H, s.W, s.Cin, group * cg},
		id:  (group*s.StrideH+v.start)*s.StrideW + u.start,
	}
	taps := make([]tap, 0, len(v.kernel)*len(u.kernel))
	for i, dh := range v.shift {
		for j, dw := range u.shift {
			taps = append(taps, tap{dh, dw})
			p.taps = append(p.taps, v.kernel[i]*s.KW+u.kernel[j])
		}
	}
	p.m.setTaps(taps)
	return p
}
