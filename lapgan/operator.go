package lapgan

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Operator is a pair of linear maps of images (N,H,W,C): one makes them smaller, the other larger again. A pyramid is exact
// with any of them, see [Build]. Operators may be differentiated to any order and hold no state.
type Operator interface {
	// Down returns x made smaller, (N,h,w,C). It panics if x is smaller than that.
	Down(x *autograd.Var, h, w int) *autograd.Var

	// Up returns x made larger, (N,h,w,C). It panics if x is larger than that.
	Up(x *autograd.Var, h, w int) *autograd.Var

	// String returns the name of the operator, as [ParseOperator] reads it.
	String() string
}

// Bilinear is what the code of LAPGAN uses, image.scale of Torch7: means over areas to make images smaller, and linear
// interpolation that keeps the corners in their places to make them larger. It takes any sizes.
type Bilinear struct{}

// Down implements [Operator].
func (Bilinear) Down(x *autograd.Var, h, w int) *autograd.Var {
	wantSmaller("lapgan.Bilinear.Down", x, h, w)
	return autograd.Resize(x, h, w, tensor.BilinearTorch7)
}

// Up implements [Operator].
func (Bilinear) Up(x *autograd.Var, h, w int) *autograd.Var {
	wantLarger("lapgan.Bilinear.Up", x, h, w)
	return autograd.Resize(x, h, w, tensor.BilinearTorch7)
}

// String implements [Operator].
func (Bilinear) String() string { return "bilinear" }

// Box takes means over the area of a pixel in both directions: to make images larger by a whole factor, it repeats pixels.
// It takes any sizes.
type Box struct{}

// Down implements [Operator].
func (Box) Down(x *autograd.Var, h, w int) *autograd.Var {
	wantSmaller("lapgan.Box.Down", x, h, w)
	return autograd.Resize(x, h, w, tensor.Box)
}

// Up implements [Operator].
func (Box) Up(x *autograd.Var, h, w int) *autograd.Var {
	wantLarger("lapgan.Box.Up", x, h, w)
	return autograd.Resize(x, h, w, tensor.Box)
}

// String implements [Operator].
func (Box) String() string { return "box" }

// ParseOperator returns the operator of a name: bilinear, box, burt, or burt with another parameter, such as burt:0.375.
func ParseOperator(name string) (Operator, error) {
	switch name {
	case "", Bilinear{}.String():
		return Bilinear{}, nil
	case Box{}.String():
		return Box{}, nil
	}
	if b, ok := parseBurt(name); ok {
		return b, nil
	}
	return nil, fmt.Errorf("lapgan: no operator %q; there are bilinear, box, and burt or burt:A with A from 0.25 to 0.75", name)
}

func wantSmaller(op string, x *autograd.Var, h, w int) {
	if x.Rank() != 4 || h < 1 || w < 1 || h > x.Dim(1) || w > x.Dim(2) {
		panic(fmt.Sprintf("%s: cannot make %s images %d×%d", op, tensor.Format(x.Shape()), h, w))
	}
}

func wantLarger(op string, x *autograd.Var, h, w int) {
	if x.Rank() != 4 || h < x.Dim(1) || w < x.Dim(2) {
		panic(fmt.Sprintf("%s: cannot make %s images %d×%d", op, tensor.Format(x.Shape()), h, w))
	}
}
