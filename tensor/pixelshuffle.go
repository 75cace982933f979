package tensor

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// PixelShuffle returns x (N,H,W,C·r²) with blocks of r² channels spread over r×r pixels, (N,H·r,W·r,C):
//
//	y[n, h·r+i, w·r+j, c] = x[n, h, w, c·r²+i·r+j]
//
// which is PyTorch's order of channels. It panics unless r² divides the channels. Shi et al. 2016, section 3.2.
func PixelShuffle(x *Tensor, r int) *Tensor {
	y := New(PixelShuffleShape("tensor.PixelShuffle", x.shape, r)...)
	PixelShuffleInto(y, x, r)
	return y
}

// PixelShuffleInto is [PixelShuffle] into y, which must not overlap x.
func PixelShuffleInto(y, x *Tensor, r int) {
	wantShape("tensor.PixelShuffleInto", y, PixelShuffleShape("tensor.PixelShuffleInto", x.shape, r))
	if len(y.data) == 0 {
		return
	}
	h, w, c := x.shape[1], x.shape[2], y.shape[3]
	par.For(x.shape[0]*h*r, max(1, chunk/max(1, w*r*c)), func(lo, hi int) {
		for row := lo; row < hi; row++ {
			out := y.data[row*w*r*c : (row+1)*w*r*c]
			in := x.data[row/r*w*c*r*r+row%r*r:] // rows are (n,h,i), so row/r is (n,h) and row%r is i
			for p := range w {
				for j := range r {
					d := out[(p*r+j)*c:][:c]
					at := p*c*r*r + j
					for k := range d {
						d[k] = in[at+k*r*r]
					}
				}
			}
		}
	})
}

// PixelShuffleShape returns the shape of [PixelShuffle]. It panics, naming op, if r² does not divide the channels.
func PixelShuffleShape(op string, x []int, r int) []int {
	if len(x) != 4 || r < 1 || x[3]%(r*r) != 0 {
		panic(fmt.Sprintf("%s: want (N,H,W,C·%d²), got %s", op, r, Format(x)))
	}
	return []int{x[0], x[1] * r, x[2] * r, x[3] / (r * r)}
}

// PixelUnshuffle returns x (N,H·r,W·r,C) with each r×r pixels gathered into channels, (N,H,W,C·r²): the inverse and the
// adjoint of [PixelShuffle]. It panics unless r divides both sides.
func PixelUnshuffle(x *Tensor, r int) *Tensor {
	y := New(PixelUnshuffleShape("tensor.PixelUnshuffle", x.shape, r)...)
	PixelUnshuffleInto(y, x, r)
	return y
}

// PixelUnshuffleInto is [PixelUnshuffle] into y, which must not overlap x.
func PixelUnshuffleInto(y, x *Tensor, r int) {
	wantShape("tensor.PixelUnshuffleInto", y, PixelUnshuffleShape("tensor.PixelUnshuffleInto", x.shape, r))
	h, w, c := y.shape[1], y.shape[2], x.shape[3]
	par.For(y.shape[0]*h, max(1, chunk/max(1, w*r*r*c)), func(lo, hi int) {
		for row := lo; row < hi; row++ {
			out := y.data[row*w*c*r*r : (row+1)*w*c*r*r]
			for i := range r {
				in := x.data[(row*r+i)*w*r*c:][:w*r*c]
				for p := range w {
					for j := range r {
						s := in[(p*r+j)*c:][:c]
						at := p*c*r*r + i*r + j
						for k, v := range s {
							out[at+k*r*r] = v
						}
					}
				}
			}
		}
	})
}

// PixelUnshuffleShape returns the shape of [PixelUnshuffle]. It panics, naming op, if r does not divide both sides.
func PixelUnshuffleShape(op string, x []int, r int) []int {
	if len(x) != 4 || r < 1 || x[1]%r != 0 || x[2]%r != 0 {
		panic(fmt.Sprintf("%s: want (N,H·%d,W·%d,C), got %s", op, r, r, Format(x)))
	}
	return []int{x[0], x[1] / r, x[2] / r, x[3] * r * r}
}
