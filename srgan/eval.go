package srgan

import (
	"context"
	"fmt"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// Benchmark is the protocol of the field's tables: PSNR and SSIM of the Y channel of BT.601, of images rounded to 8 bits,
// with scale pixels cut off at each border. Ledig et al. 2017, §3.1.
func Benchmark(scale int) imaging.Protocol { return imaging.Protocol{Border: scale, Y: true} }

// Method is a way to enlarge.
type Method struct {
	Name    string
	Enlarge func(ctx context.Context, lr *tensor.Tensor) (*tensor.Tensor, error) // (h,w,3) to (s·h,s·w,3), both in [0,1]
}

// Nearest repeats each pixel.
func Nearest(scale int) Method {
	return interpolation("nearest", scale, tensor.Nearest)
}

// Bicubic is MATLAB's imresize.
func Bicubic(scale int) Method {
	return interpolation("bicubic", scale, tensor.Bicubic)
}

func interpolation(name string, scale int, how tensor.ResizeMethod) Method {
	return Method{name, func(_ context.Context, lr *tensor.Tensor) (*tensor.Tensor, error) {
		h, w := lr.Dim(0), lr.Dim(1)
		y := tensor.Resize(lr.Reshape(1, h, w, 3), h*scale, w*scale, how)
		return y.Reshape(h*scale, w*scale, 3), nil
	}}
}

// Method returns the upscaler as a method of the given name.
func (u *Upscaler) Method(name string) Method { return Method{name, u.Tensor} }

// Score is how close a method came to an original.
type Score struct {
	Method string
	PSNR   float64 // dB
	SSIM   float64
}

// Evaluate shrinks an original (H,W,3) with values in [0,1] as [LowRes] does, enlarges it by each method, and compares the
// results with the original by [Benchmark]. It also returns the pictures: the low-resolution one, the original cut to a
// multiple of the scale, and one for each method.
func Evaluate(ctx context.Context, hr *tensor.Tensor, scale int, methods ...Method) (scores []Score, pictures Pictures, err error) {
	h, w := hr.Dim(0), hr.Dim(1)
	protocol := Benchmark(scale)
	if h < scale || w < scale {
		return nil, pictures, fmt.Errorf("srgan: %d×%d pixels are too few to shrink by %d", w, h, scale)
	}
	lr, cut := LowRes(hr.Reshape(1, h, w, 3), scale)
	pictures.LR = lr.Reshape(lr.Dim(1), lr.Dim(2), 3)
	pictures.HR = cut.Reshape(cut.Dim(1), cut.Dim(2), 3)
	for _, m := range methods {
		y, err := m.Enlarge(ctx, pictures.LR)
		if err != nil {
			return nil, pictures, err
		}
		pictures.Enlarged = append(pictures.Enlarged, y)
		s := Score{Method: m.Name}
		if s.PSNR, err = protocol.PSNR(y, pictures.HR); err != nil {
			return nil, pictures, fmt.Errorf("srgan: %w", err)
		}
		if s.SSIM, err = protocol.SSIM(y, pictures.HR); err != nil {
			return nil, pictures, fmt.Errorf("srgan: %w", err)
		}
		scores = append(scores, s)
	}
	return scores, pictures, nil
}

// Pictures are what [Evaluate] compared, (H,W,3) with values in [0,1].
type Pictures struct {
	LR, HR   *tensor.Tensor
	Enlarged []*tensor.Tensor // in the order of the methods
}
