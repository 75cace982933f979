package autograd

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// MaxPool2D returns the maximum of x (N,H,W,C) in each window, as [tensor.MaxPool2D] defines it. The gradient goes to
// the first maximum of a window.
func MaxPool2D(x *Var, spec tensor.PoolSpec) *Var {
	shape := tensor.PoolShape("autograd.MaxPool2D", x.Shape(), spec)
	y, arg := Alloc(shape, x), Alloc(shape, x)
	tensor.MaxPool2DInto(y, arg, x.value, spec)
	return Record("MaxPool2D", y, func(c *Call, g *Var) []*Var {
		return []*Var{poolPut(g, arg, c.In(0).Shape(), spec)}
	}, x)
}

// poolTake picks from each window of x the pixel that arg points to.
func poolTake(x *Var, arg *tensor.Tensor, spec tensor.PoolSpec) *Var {
	y := Alloc(arg.Shape(), x)
	tensor.PoolTakeInto(y, x.value, arg, spec)
	return Record("PoolTake", y, func(c *Call, g *Var) []*Var {
		return []*Var{poolPut(g, arg, c.In(0).Shape(), spec)}
	}, x)
}

// poolPut is the adjoint of poolTake.
func poolPut(y *Var, arg *tensor.Tensor, shape []int, spec tensor.PoolSpec) *Var {
	x := Alloc(shape, y)
	tensor.PoolPutInto(x, y.value, arg, spec)
	return Record("PoolPut", x, func(_ *Call, g *Var) []*Var { return []*Var{poolTake(g, arg, spec)} }, y)
}

// AvgPool2D returns the average of x (N,H,W,C) in each window, as [tensor.AvgPool2D] defines it.
func AvgPool2D(x *Var, spec tensor.PoolSpec) *Var {
	tensor.PoolShape("autograd.AvgPool2D", x.Shape(), spec)
	return Resample(x, tensor.NewAvgPool(x.Dim(1), x.Dim(2), spec))
}

// AdaptiveAvgPool2D returns x (N,H,W,C) averaged to (N,h,w,C), as [tensor.NewAdaptiveAvgPool] defines it.
func AdaptiveAvgPool2D(x *Var, h, w int) *Var {
	wantImages("AdaptiveAvgPool2D", x)
	return Resample(x, tensor.NewAdaptiveAvgPool(x.Dim(1), x.Dim(2), h, w))
}

// GlobalAvgPool returns the mean of each channel of x (N,H,W,C) over its pixels, (N,C).
func GlobalAvgPool(x *Var) *Var {
	wantImages("GlobalAvgPool", x)
	return Mean(x, 1, 2)
}

// MaxPool1D returns the maximum of x (N,L,C) in each window, as [MaxPool2D] does for images.
func MaxPool1D(x *Var, spec tensor.Pool1DSpec) *Var { return pool1D("MaxPool1D", x, spec, MaxPool2D) }

// AvgPool1D returns the average of x (N,L,C) in each window, as [AvgPool2D] does for images.
func AvgPool1D(x *Var, spec tensor.Pool1DSpec) *Var { return pool1D("AvgPool1D", x, spec, AvgPool2D) }

func pool1D(op string, x *Var, spec tensor.Pool1DSpec, pool func(*Var, tensor.PoolSpec) *Var) *Var {
	if x.Rank() != 3 {
		panic(fmt.Sprintf("autograd.%s: want (N,L,C), got %s", op, tensor.Format(x.Shape())))
	}
	y := pool(Reshape(x, x.Dim(0), 1, x.Dim(1), x.Dim(2)), spec.Images())
	return Reshape(y, y.Dim(0), y.Dim(2), y.Dim(3))
}

func wantImages(op string, x *Var) {
	if x.Rank() != 4 {
		panic(fmt.Sprintf("autograd.%s: want (N,H,W,C), got %s", op, tensor.Format(x.Shape())))
	}
}
