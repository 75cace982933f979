package imaging

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/internal/par"
)

// BT.601 in the studio range as MATLAB's rgb2ycbcr writes it, for R, G, B in [0, 1]; the results are on the scale of 8
// bits, Y in [16, 235], Cb and Cr in [16, 240].
var (
	lumaRow  = [4]float64{65.481, 128.553, 24.966, 16}
	blueRow  = [4]float64{-37.797, -74.203, 112, 128}
	redRow   = [4]float64{112, -93.786, -18.214, 128}
	fromYRow = inverse([3][4]float64{lumaRow, blueRow, redRow})
)

// Y returns the luma of BT.601 on the scale of 8 bits,
//
//	Y = 16 + 65.481·R + 128.553·G + 24.966·B
//
// so that black is 16 and white 235; it is not rounded. x is (…, 3) or (…, 1) in [0, 1], grey counting as R = G = B; the
// result is (…, 1). It panics if the last axis has another size.
func Y(x *tensor.Tensor) *tensor.Tensor {
	c := channelsOf("imaging.Y", x, 1, 3)
	shape := append([]int(nil), x.Shape()...)
	shape[len(shape)-1] = 1
	out := tensor.New(shape...)
	src, dst := x.Data(), out.Data()
	par.For(len(dst), 1<<14, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			p := src[i*c : i*c+c]
			dst[i] = float32(luma(float64(p[0]), float64(p[c/2]), float64(p[c-1])))
		}
	})
	return out
}

// RGBToYCbCr converts (…, 3) in [0, 1] to Y, Cb and Cr of BT.601, in [0, 1] too, as MATLAB's rgb2ycbcr does for floating
// point: [Y] divided by 255, so Y is in [16/255, 235/255]. It panics unless the last axis has size 3.
func RGBToYCbCr(x *tensor.Tensor) *tensor.Tensor {
	return mapPixels("imaging.RGBToYCbCr", x, func(r, g, b float64) (float64, float64, float64) {
		return luma(r, g, b) / 255, affine(blueRow, r, g, b) / 255, affine(redRow, r, g, b) / 255
	})
}

// YCbCrToRGB is the inverse of [RGBToYCbCr]. It does not clamp. It panics unless the last axis has size 3.
func YCbCrToRGB(x *tensor.Tensor) *tensor.Tensor { return mapPixels("imaging.YCbCrToRGB", x, rgbOf) }

func luma(r, g, b float64) float64 { return affine(lumaRow, r, g, b) }

func rgbOf(y, cb, cr float64) (r, g, b float64) {
	y, cb, cr = y*255, cb*255, cr*255
	return affine(fromYRow[0], y, cb, cr), affine(fromYRow[1], y, cb, cr), affine(fromYRow[2], y, cb, cr)
}

// affine keeps each product apart by a conversion, so that no compiler fuses it with the sum: the same bits everywhere.
func affine(m [4]float64, a, b, c float64) float64 {
	return m[3] + float64(m[0]*a) + float64(m[1]*b) + float64(m[2]*c)
}

// inverse returns the affine map that undoes m, by Cramer's rule.
func inverse(m [3][4]float64) (out [3][4]float64) {
	minor := func(r0, r1, c0, c1 int) float64 { return m[r0][c0]*m[r1][c1] - m[r0][c1]*m[r1][c0] }
	det := 0.0
	for i := range 3 {
		a, b := (i+1)%3, (i+2)%3
		det += m[0][i] * minor(1, 2, a, b)
	}
	for i := range 3 {
		for j := range 3 {
			out[i][j] = minor((j+1)%3, (j+2)%3, (i+1)%3, (i+2)%3) / det
			out[i][3] -= out[i][j] * m[j][3]
		}
	}
	return out
}

func mapPixels(op string, x *tensor.Tensor, f func(a, b, c float64) (float64, float64, float64)) *tensor.Tensor {
	channelsOf(op, x, 3)
	out := tensor.New(x.Shape()...)
	src, dst := x.Data(), out.Data()
	par.For(len(src)/3, 1<<14, func(lo, hi int) {
		for i := 3 * lo; i < 3*hi; i += 3 {
			a, b, c := f(float64(src[i]), float64(src[i+1]), float64(src[i+2]))
			dst[i], dst[i+1], dst[i+2] = float32(a), float32(b), float32(c)
		}
	})
	return out
}

// channelsOf returns the size of the last axis, or panics unless it is one of want.
func channelsOf(op string, x *tensor.Tensor, want ...int) int {
	if x.Rank() > 0 {
		for _, c := range want {
			if x.Dim(-1) == c {
				return c
			}
		}
	}
	panic(fmt.Sprintf("%s: want the last axis to be one of %v, got shape %s", op, want, tensor.Format(x.Shape())))
}
