package autograd

import "github.com/gander-ml/gander/tensor"

// Pad2D returns x (N,H,W,C) with pixels added around each image, as [tensor.Pad2D] defines it.
func Pad2D(x *Var, spec tensor.PadSpec) *Var {
	y := Alloc(tensor.PadShape("autograd.Pad2D", x.Shape(), spec), x)
	tensor.Pad2DInto(y, x.value, spec)
	return Record("Pad2D", y, func(c *Call, g *Var) []*Var { return []*Var{padAdjoint(g, c.In(0).Shape(), spec)} }, x)
}

// padAdjoint sums y into an image of the given shape, each pixel over its copies.
func padAdjoint(y *Var, shape []int, spec tensor.PadSpec) *Var {
	x := Alloc(shape, y)
	tensor.Pad2DAdjointInto(x, y.value, spec)
	return Record("Pad2DAdjoint", x, func(_ *Call, g *Var) []*Var { return []*Var{Pad2D(g, spec)} }, y)
}

// Crop2D returns the part of x (N,H,W,C) that begins at row top and column left, (N,h,w,C).
func Crop2D(x *Var, top, left, h, w int) *Var {
	return Pad2D(x, tensor.CropSpec("autograd.Crop2D", x.Shape(), top, left, h, w))
}
