package srgan

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// LowRes returns the low-resolution images that the field's benchmarks are measured on: hr (N,H,W,C) with values in [0,1],
// cut to multiples of scale, shrunk by MATLAB's antialiased bicubic imresize and rounded to 8 bits, and the cut original
// beside it. Ledig et al. 2017, §3.2, and imresize's documentation. It panics if hr is smaller than scale.
func LowRes(hr *tensor.Tensor, scale int) (lr, cut *tensor.Tensor) {
	if hr.Rank() != 4 || hr.Dim(1) < scale || hr.Dim(2) < scale {
		panic(fmt.Sprintf("srgan.LowRes: want (N,H,W,C) of at least %d×%d, got %s", scale, scale, tensor.Format(hr.Shape())))
	}
	h, w := hr.Dim(1)/scale, hr.Dim(2)/scale
	cut = hr
	if hr.Dim(1) != h*scale || hr.Dim(2) != w*scale {
		cut = tensor.Slice(tensor.Slice(hr, 1, 0, h*scale), 2, 0, w*scale)
	}
	lr = tensor.Resize(cut, h, w, tensor.Bicubic)
	Quantise(lr)
	return lr, cut
}

// Quantise rounds the values of x, in [0,1], to what an 8-bit image file holds, in place.
func Quantise(x *tensor.Tensor) {
	tensor.MapInto(x, x, func(v float64) float64 { return float64(int(min(max(v, 0), 1)*255+0.5)) / 255 })
}
