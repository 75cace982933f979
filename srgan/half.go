package srgan

import (
	"github.com/gander-ml/gander/tensor"
)

// halved returns pixels (H,W,C) at half their size, by antialiased bicubic interpolation, limited to [0,1]. H and W are even.
func halved(x *tensor.Tensor) *tensor.Tensor {
	h, w, c := x.Dim(0), x.Dim(1), x.Dim(2)
	y := tensor.Resize(x.Reshape(1, h, w, c), h/2, w/2, tensor.Bicubic)
	tensor.ClampInto(y, y, 0, 1)
	return y.Reshape(h/2, w/2, c)
}

// Reach of the antialiased bicubic filter at half the size: row y of the result depends on rows 2y-3 to 2y+4.
const (
	halfAbove = 4 // rows before 2y that are kept; even, so that squares of 2×2 stay squares
	halfBelow = 5 // rows from 2y that are needed
)

// halver makes halves of rows that come from top to bottom, with the bits of [halved].
type halver struct {
	height int            // of all rows together
	kept   *tensor.Tensor // rows from first on
	first  int            // even
	made   int            // rows of the result
	emit   func(rows *tensor.Tensor) error
}

// add takes the next rows (h,W,C).
func (v *halver) add(rows *tensor.Tensor) error {
	if v.kept == nil {
		v.kept = rows.Clone()
	} else {
		v.kept = tensor.Concat(0, v.kept, rows)
	}
	have := v.first + v.kept.Dim(0)
	until := (have - halfBelow) / 2 // the rows of the result that are complete
	if have == v.height {
		until = v.height / 2
	}
	if until <= v.made {
		return nil
	}
	even := v.kept.Rows(0, v.kept.Dim(0)/2*2)
	if err := v.emit(halved(even).Rows(v.made-v.first/2, until-v.first/2)); err != nil {
		return err
	}
	v.made = until
	if from := max(0, 2*v.made-halfAbove); from > v.first {
		v.kept = v.kept.Rows(from-v.first, v.kept.Dim(0)).Clone()
		v.first = from
	}
	return nil
}
