package autograd

import "github.com/gander-ml/gander/tensor"

// Resample returns the images x (N,H,W,C) as r maps them.
func Resample(x *Var, r *tensor.Resampler) *Var {
	y := Alloc(r.OutShape("autograd.Resample", x.Shape()), x)
	r.ApplyInto(y, x.value)
	return Record("Resample", y, func(_ *Call, g *Var) []*Var { return []*Var{resampleAdjoint(g, r)} }, x)
}

func resampleAdjoint(y *Var, r *tensor.Resampler) *Var {
	x := Alloc(r.InShape("autograd.Resample", y.Shape()), y)
	r.AdjointInto(x, y.value)
	return Record("ResampleAdjoint", x, func(_ *Call, g *Var) []*Var { return []*Var{Resample(g, r)} }, y)
}

// Resize returns the images x (N,H,W,C) resized to (N,h,w,C).
func Resize(x *Var, h, w int, method tensor.ResizeMethod) *Var {
	wantImages("Resize", x)
	return Resample(x, tensor.NewResize(method, x.Dim(1), x.Dim(2), h, w))
}

// ResizeScale returns the images x (N,H,W,C) scaled by s, as [tensor.NewResizeScale] defines it.
func ResizeScale(x *Var, s float64, method tensor.ResizeMethod) *Var {
	wantImages("ResizeScale", x)
	return Resample(x, tensor.NewResizeScale(method, x.Dim(1), x.Dim(2), s))
}
