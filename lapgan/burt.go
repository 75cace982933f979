package lapgan

import (
	"strconv"
	"strings"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Burt is the pyramid of Burt & Adelson 1983: REDUCE blurs with the separable kernel [¼−A/2, ¼, A, ¼, ¼−A/2] and keeps
// every other pixel, ⌈H/2⌉×⌈W/2⌉ of them; EXPAND puts zeros between pixels and blurs. Beyond the borders lies the image
// mirrored at its edge pixels.
//
// Their sizes halve. For other ratios it halves, or doubles, as often as it can; the rest is a blur with the same kernel
// beside bilinear interpolation: before it to make images smaller, after it to make them larger. Images of fewer than 3
// pixels a side go without that blur.
type Burt struct {
	A float64 // 0 means 0.4, with which the kernel is nearly Gaussian
}

func (b Burt) a() float64 {
	if b.A == 0 {
		return tensor.BurtA
	}
	return b.A
}

// Down implements [Operator].
func (b Burt) Down(x *autograd.Var, h, w int) *autograd.Var {
	wantSmaller("lapgan.Burt.Down", x, h, w)
	for half(x.Dim(1)) >= h && half(x.Dim(2)) >= w && (x.Dim(1) > h || x.Dim(2) > w) {
		x = autograd.Resample(x, tensor.NewBurtReduce(x.Dim(1), x.Dim(2), b.a()))
	}
	if x.Dim(1) == h && x.Dim(2) == w {
		return x
	}
	return autograd.Resize(b.blur(x), h, w, tensor.Bilinear)
}

// Up implements [Operator].
func (b Burt) Up(x *autograd.Var, h, w int) *autograd.Var {
	wantLarger("lapgan.Burt.Up", x, h, w)
	for x.Dim(1) < h || x.Dim(2) < w {
		th, tw := 2*x.Dim(1), 2*x.Dim(2)
		if half(h) == x.Dim(1) && half(w) == x.Dim(2) {
			th, tw = h, w
		}
		if th > h || tw > w {
			return b.blur(autograd.Resize(x, h, w, tensor.Bilinear))
		}
		x = autograd.Resample(x, tensor.NewBurtExpand(th, tw, b.a()))
	}
	return x
}

// String implements [Operator].
func (b Burt) String() string {
	if b.a() == tensor.BurtA {
		return "burt"
	}
	return "burt:" + strconv.FormatFloat(b.A, 'g', -1, 64)
}

func parseBurt(name string) (Burt, bool) {
	rest, ok := strings.CutPrefix(name, "burt")
	if !ok || rest == "" {
		return Burt{}, ok
	}
	a, err := strconv.ParseFloat(strings.TrimPrefix(rest, ":"), 64)
	return Burt{A: a}, err == nil && rest[0] == ':' && a >= 0.25 && a <= 0.75
}

// blur convolves every channel with the kernel and keeps the size.
func (b Burt) blur(x *autograd.Var) *autograd.Var {
	if x.Dim(1) < 3 || x.Dim(2) < 3 {
		return x
	}
	a, c := float32(b.a()), x.Dim(3)
	kernel := tensor.New(5, c)
	for i, v := range [5]float32{0.25 - a/2, 0.25, a, 0.25, 0.25 - a/2} {
		kernel.Rows(i, i+1).Fill(v)
	}
	k, spec := autograd.Const(kernel), tensor.ConvSpec{Groups: c}
	x = autograd.Pad2D(x, tensor.PadAll(2, tensor.PadReflect))
	return autograd.Conv2D(autograd.Conv2D(x, k.Reshape(5, 1, 1, c), spec), k.Reshape(1, 5, 1, c), spec)
}

func half(n int) int { return (n + 1) / 2 }
