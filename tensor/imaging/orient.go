package imaging

import (
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/internal/par"
)

// upright turns x (H, W, C), stored with an EXIF orientation, the way it is meant to be seen. Orientations 5 to 8 swap the
// sides. It returns x itself for orientation 1.
func upright(x *tensor.Tensor, orientation int) *tensor.Tensor {
	if x == nil || orientation <= 1 || orientation > 8 {
		return x
	}
	h, w, c := x.Dim(0), x.Dim(1), x.Dim(2)
	rows, cols := h, w
	if orientation >= 5 {
		rows, cols = w, h
	}
	out := tensor.New(rows, cols, c)
	src, dst := x.Data(), out.Data()
	par.For(rows, rowGrain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := range cols {
				r, s := i, j // where it is stored
				if orientation >= 5 {
					r, s = j, i
				}
				switch orientation { // which stored axes run backwards
				case 2, 8:
					s = w - 1 - s
				case 4, 6:
					r = h - 1 - r
				case 3, 7:
					r, s = h-1-r, w-1-s
				}
				copy(dst[(i*cols+j)*c:(i*cols+j+1)*c], src[(r*w+s)*c:(r*w+s+1)*c])
			}
		}
	})
	return out
}
