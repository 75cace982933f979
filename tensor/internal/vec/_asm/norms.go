package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/operand"
)

// norms lists the kernels of normalisation, with coefficients that differ from element to element.
func norms() []*kernel {
	affine := []string{"x", "scale", "shift"}
	norm := []string{"x", "mean", "scale", "shift"}
	scaled := func(s *isa, x []Op) Op { return s.add(s.mul(x[0], x[1]), x[2]) }
	normed := func(s *isa, x []Op) Op { return s.add(s.mul(s.sub(x[0], x[1]), x[2]), x[3]) }
	with := func(in []string, more string) []string { return append(slices.Clone(in), more) }
	relu := func(s *isa, y Op) Op { return s.max(s.fill(s.f(0)), y) }
	all := []*kernel{
		simple("ScaleShift", "dst[i] = x[i]*scale[i] + shift[i]", affine, nil, func(s *isa, x, _ []Op) Op { return scaled(s, x) }),
		simple("ScaleShiftReLU", "as ScaleShift, then 0 where it is < 0", affine, nil, func(s *isa, x, _ []Op) Op {
			return relu(s, scaled(s, x))
		}),
		simple("ScaleShiftLeaky", "as ScaleShift, then times slope where it is <= 0", affine, []string{"slope"},
			func(s *isa, x, p []Op) Op {
				y := scaled(s, x)
				return s.leaky(y, y, p[0])
			}),
		simple("ScaleShiftPReLU", "as ScaleShift, then times slope[i] where it is <= 0", with(affine, "slope"), nil,
			func(s *isa, x, _ []Op) Op {
				y := scaled(s, x)
				return s.leaky(y, y, x[3])
			}),
		simple("Norm", "dst[i] = (x[i]-mean[i])*scale[i] + shift[i]", norm, nil, func(s *isa, x, _ []Op) Op { return normed(s, x) }),
		simple("NormAdd", "dst[i] = ((x[i]-mean[i])*scale[i] + shift[i]) + skip[i]", []string{"x", "skip", "mean", "scale", "shift"}, nil,
			func(s *isa, x, _ []Op) Op {
				return s.add(normed(s, []Op{x[0], x[2], x[3], x[4]}), x[1])
			}),
		simple("NormReLU", "as Norm, then 0 where it is < 0", norm, nil, func(s *isa, x, _ []Op) Op { return relu(s, normed(s, x)) }),
		simple("NormLeaky", "as Norm, then times slope where it is <= 0", norm, []string{"slope"},
			func(s *isa, x, p []Op) Op {
				y := normed(s, x)
				return s.leaky(y, y, p[0])
			}),
		simple("NormPReLU", "as Norm, then times slope[i] where it is <= 0", with(norm, "slope"), nil,
			func(s *isa, x, _ []Op) Op {
				y := normed(s, x)
				return s.leaky(y, y, x[4])
			}),
		simple("NormGrad", "dst[i] = a[i] * ((grad[i]-b[i]) - (x[i]-mean[i])*d[i])", []string{"x", "grad", "mean", "a", "b", "d"}, nil,
			func(s *isa, x, _ []Op) Op {
				return s.mul(x[3], s.sub(s.sub(x[1], x[4]), s.mul(s.sub(x[0], x[2]), x[5])))
			}),
		simple("Combine", "dst[i] = (a[i]*grad[i] + b[i]*x[i]) + d[i]", []string{"x", "grad", "a", "b", "d"}, nil,
			func(s *isa, x, _ []Op) Op {
				return s.add(s.add(s.mul(x[1], x[2]), s.mul(x[0], x[3])), x[4])
			}),
	}
	for _, k := range all {
		k.unroll, k.stream = 2, true
		k.rows = slices.DeleteFunc(slices.Clone(k.in), func(name string) bool { return name == "x" || name == "skip" || name == "grad" })
	}
	return all
}
