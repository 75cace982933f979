package tensor_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawConv draws a convolution: one that a model might have, or anything that fits.
func drawConv(t *rapid.T) (x, w []int, spec tensor.ConvSpec) {
	g := rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "groups")
	cin, cout := g*rapid.IntRange(1, 9).Draw(t, "cin"), g*rapid.IntRange(1, 9).Draw(t, "cout")
	if rapid.IntRange(0, 3).Draw(t, "3x3") == 0 {
		p := rapid.IntRange(0, 1).Draw(t, "pad")
		size := rapid.IntRange(3, 14)
		return []int{rapid.IntRange(1, 2).Draw(t, "n"), size.Draw(t, "h"), size.Draw(t, "w"), cin}, []int{3, 3, cin / g, cout},
			tensor.ConvSpec{PadT: p, PadB: p, PadL: p, PadR: p, Groups: g}
	}
	axis := func() (n, k, stride, dil, before, after int) {
		k = rapid.IntRange(1, 5).Draw(t, "kernel")
		stride, dil = rapid.IntRange(0, 3).Draw(t, "stride"), rapid.IntRange(0, 3).Draw(t, "dilation")
		before, after = rapid.IntRange(-2, 4).Draw(t, "before"), rapid.IntRange(-2, 4).Draw(t, "after")
		least := max(1, max(dil, 1)*(k-1)+1-before-after)
		return least + rapid.IntRange(0, 6).Draw(t, "more"), k, stride, dil, before, after
	}
	spec.Groups = g
	var h, wd, kh, kw int
	h, kh, spec.StrideH, spec.DilH, spec.PadT, spec.PadB = axis()
	wd, kw, spec.StrideW, spec.DilW, spec.PadL, spec.PadR = axis()
	return []int{rapid.IntRange(0, 2).Draw(t, "n"), h, wd, cin}, []int{kh, kw, cin / g, cout}, spec
}

func TestConv2D(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs, ws, spec := drawConv(t)
		x, w := drawFinite(t, xs...), drawFinite(t, ws...)
		want := tensortest.Conv2D(tensortest.From(x), tensortest.From(w), spec)
		tol := 1e-6 * float64(ws[0]*ws[1]*ws[2]+4)
		y := into(t, want.Shape, func(dst tsr) { tensor.Conv2DInto(dst, x, w, spec) })
		tensortest.Close(t, want, y, tol)
		tensortest.Same(t, y, tensor.Conv2D(x, w, spec))

		dy := drawFinite(t, want.Shape...)
		dw := into(t, ws, func(dst tsr) { tensor.Conv2DGradWeightInto(dst, x, dy, spec) })
		tol = 1e-6 * float64(dy.Len()/ws[3]+4)
		tensortest.Close(t, tensortest.Conv2DGradWeight(tensortest.From(x), tensortest.From(dy), ws[0], ws[1], spec), dw, tol)
		tensortest.Same(t, dw, tensor.Conv2DGradWeight(x, dy, ws[0], ws[1], spec))

		tensortest.Adjoint(t, newRand(), xs, want.Shape,
			func(dst, x tsr) { tensor.Conv2DInto(dst, x, w, spec) },
			func(dst, y tsr) { tensor.Conv2DGradInputInto(dst, y, w, spec) }, 1e-5)
		tensortest.Same(t, into(t, xs, func(dst tsr) { tensor.Conv2DGradInputInto(dst, dy, w, spec) }),
			tensor.Conv2DGradInput(dy, w, xs[1], xs[2], spec))
	})
}

func TestConvTranspose2D(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ys, ws, spec := drawConv(t) // the convolution that is transposed takes ys to xs
		xs := tensor.ConvShape("test", ys, ws, spec)
		up := tensor.ConvTransposeSpec{ConvSpec: spec}
		up.OutPadH = ys[1] - ((xs[1]-1)*max(spec.StrideH, 1) - spec.PadT - spec.PadB + max(spec.DilH, 1)*(ws[0]-1) + 1)
		up.OutPadW = ys[2] - ((xs[2]-1)*max(spec.StrideW, 1) - spec.PadL - spec.PadR + max(spec.DilW, 1)*(ws[1]-1) + 1)
		x, w := drawFinite(t, xs...), drawFinite(t, ws...)
		y := tensor.ConvTranspose2D(x, w, up)
		require.Equal(t, ys, y.Shape())
		want := tensortest.ConvTranspose2D(tensortest.From(x), tensortest.From(w), up)
		tensortest.Close(t, want, y, 1e-6*float64(ws[0]*ws[1]*ws[3]+4))
	})
}

func pair(text string) (int, int) {
	var p [2]int
	switch len(text) {
	case 1:
		p[0], p[1] = int(text[0]-'0'), int(text[0]-'0')
	default: // [1, 2]
		p[0], p[1] = int(text[1]-'0'), int(text[4]-'0')
	}
	return p[0], p[1]
}

func goldenSpec(meta map[string]string) tensor.ConvSpec {
	var s tensor.ConvSpec
	s.StrideH, s.StrideW = pair(meta["stride"])
	s.PadT, s.PadL = pair(meta["pad"])
	s.PadB, s.PadR = s.PadT, s.PadL
	if meta["dilation"] != "" {
		s.DilH, s.DilW = pair(meta["dilation"])
	}
	s.Groups, _ = pair(meta["groups"])
	return s
}

// requireRounding allows for the rounding of products and transformed tiles, which is relative to the largest of them
// and not to what is left of their sum.
func requireRounding(t *testing.T, want arr, got tsr) {
	t.Helper()
	largest := 1.0
	for _, v := range want.Data {
		largest = max(largest, math.Abs(v))
	}
	tensortest.Close(t, want, got, 2e-6*largest)
}

func TestConv2DGolden(t *testing.T) {
	for _, name := range []string{"conv2d_k3p1", "conv2d_k1", "conv2d_k4s2p1", "conv2d_k5s2p2", "conv2d_k9p4", "conv2d_k9p4_to3",
		"conv2d_dilation2", "conv2d_groups2", "conv2d_odd_sizes", "conv2d_rectangular", "conv2d_reflect", "conv2d_winograd",
		"conv2d_winograd_odd", "conv2d_winograd_valid"} {
		t.Run(name, func(t *testing.T) {
			v, meta := golden.Load(name), golden.Meta(name)
			spec := goldenSpec(meta)
			x, w, dy := images(v["x"]).Tensor(), array(v["w"].HWIO()).Tensor(), images(v["grad.y"]).Tensor()
			var pad tensor.PadSpec
			if meta["pad_mode"] == "reflect" {
				pad = tensor.PadAll(spec.PadT, tensor.PadReflect)
				spec.PadT, spec.PadB, spec.PadL, spec.PadR = 0, 0, 0, 0
			}
			in := tensor.Pad2D(x, pad)
			y := tensor.Add(tensor.Conv2D(in, w, spec), array(v["b"]).Tensor())
			requireRounding(t, images(v["y"]), y)
			dx := zeros(x.Shape()...)
			tensor.Pad2DAdjointInto(dx, tensor.Conv2DGradInput(dy, w, in.Dim(1), in.Dim(2), spec), pad)
			requireRounding(t, images(v["grad.x"]), dx)
			dw := tensor.Conv2DGradWeight(in, dy, w.Dim(0), w.Dim(1), spec)
			requireRounding(t, array(v["grad.w"].HWIO()), dw)
		})
	}
}

func TestConvTranspose2DGolden(t *testing.T) {
	for _, name := range []string{"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s1p0", "conv_transpose2d_output_pad",
		"conv_transpose2d_groups2", "conv_transpose2d_k5s3p0"} {
		t.Run(name, func(t *testing.T) {
			v, meta := golden.Load(name), golden.Meta(name)
			spec := tensor.ConvTransposeSpec{ConvSpec: goldenSpec(meta)}
			spec.OutPadH, spec.OutPadW = pair(meta["output_pad"])
			y := tensor.ConvTranspose2D(images(v["x"]).Tensor(), array(v["w"].TransposedHWIO()).Tensor(), spec)
			requireRounding(t, images(v["y"]), tensor.Add(y, array(v["b"]).Tensor()))
		})
	}
}

// Every output whose window holds a NaN is NaN, also where the kernel is zero.
func TestConv2DPropagatesNaN(t *testing.T) {
	for _, c := range []struct{ size, k, channels int }{{9, 3, 16}, {9, 1, 16}, {8, 4, 3}, {12, 9, 3}} {
		spec := tensor.ConvSpec{PadT: 1, PadB: 1, PadL: 1, PadR: 1}
		x, w := tensor.Full(1, 1, c.size, c.size, c.channels), zeros(c.k, c.k, c.channels, 16)
		x.Set(float32(nan), 0, 4, 5, 1)
		y := tensor.Conv2D(x, w, spec)
		for i := max(0, 4-c.k+2); i <= min(5, y.Dim(1)-1); i++ {
			for j := max(0, 5-c.k+2); j <= min(6, y.Dim(2)-1); j++ {
				v := y.At(0, i, j, 7)
				require.True(t, v != v, "%d×%d kernel, output (%d,%d)", c.k, c.k, i, j)
			}
		}
	}
}

func TestConvMistakes(t *testing.T) {
	var none tensor.ConvSpec
	requirePanics(t, []mistake{
		{"tensor.Conv2D: want (N,H,W,Cin) and (KH,KW,Cin/groups,Cout) with 1 groups, got (1,4,4,3) and (3,3,4,8)",
			func() { tensor.Conv2D(zeros(1, 4, 4, 3), zeros(3, 3, 4, 8), none) }},
		{"tensor.Conv2D: want (N,H,W,Cin) and (KH,KW,Cin/groups,Cout) with 2 groups, got (1,4,4,4) and (3,3,2,3)",
			func() { tensor.Conv2D(zeros(1, 4, 4, 4), zeros(3, 3, 2, 3), tensor.ConvSpec{Groups: 2}) }},
		{"tensor.Conv2D: kernel (3,3,1,1) is larger than the padded image (1,2,4,1)",
			func() { tensor.Conv2D(zeros(1, 2, 4, 1), zeros(3, 3, 1, 1), none) }},
		{"tensor.Conv2DInto: destination must be (1,2,2,1), got (1,2,3,1)",
			func() { tensor.Conv2DInto(zeros(1, 2, 3, 1), zeros(1, 4, 4, 1), zeros(3, 3, 1, 1), none) }},
		{"tensor.Conv2DGradInputInto: image (1,4,4,1) and kernel (3,3,1,1) give (1,2,2,1), got (1,3,2,1)",
			func() { tensor.Conv2DGradInput(zeros(1, 3, 2, 1), zeros(3, 3, 1, 1), 4, 4, none) }},
		{"tensor.Conv2DGradInput: want (N,OH,OW,Cout) and (KH,KW,Cin,Cout), got (3,2,1) and (3,3,1,1)",
			func() { tensor.Conv2DGradInput(zeros(3, 2, 1), zeros(3, 3, 1, 1), 4, 4, none) }},
		{"tensor.ConvTranspose2D: want (N,H,W,Cin) and (KH,KW,Cout/groups,Cin), got (1,2,2,3) and (3,3,3,4)",
			func() { tensor.ConvTranspose2D(zeros(1, 2, 2, 3), zeros(3, 3, 3, 4), tensor.ConvTransposeSpec{}) }},
	})
}
