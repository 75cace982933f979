package style

import (
	"errors"
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// Background returns the mean colour of what is behind the object in a picture x (H,W,C), one number for each channel. mask
// (H,W,1) is 1 where the object is and 0 elsewhere; between, as in CUB's segmentations, it is the share of people who saw the
// object there, and less than half is background. Without a mask, nil, the border of the picture stands for the background:
// a sixteenth of the shorter side, and at least one pixel, all around.
//
// It is an error if the mask is of another size, or leaves no background. Reed et al. 2016, §5.1.
func Background(x, mask *tensor.Tensor) ([]float64, error) {
	if x.Rank() != 3 {
		panic("style.Background: want a picture (H,W,C), got " + tensor.Format(x.Shape()))
	}
	h, w := x.Dim(0), x.Dim(1)
	if mask != nil && (mask.Rank() != 3 || mask.Dim(0) != h || mask.Dim(1) != w || mask.Dim(2) != 1) {
		return nil, fmt.Errorf("style: a mask of %s for a picture of %s; want the same height and width and one channel",
			tensor.Format(mask.Shape()), tensor.Format(x.Shape()))
	}
	border := max(1, min(h, w)/16)
	behind := func(i, j int) bool {
		if mask != nil {
			return mask.At(i, j, 0) < 0.5
		}
		return min(i, j, h-1-i, w-1-j) < border
	}
	mean, n := make([]float64, x.Dim(2)), 0
	for i := range h {
		for j := range w {
			if behind(i, j) {
				n++
				for c := range mean {
					mean[c] += float64(x.At(i, j, c))
				}
			}
		}
	}
	if n == 0 {
		return nil, errors.New("style: the mask leaves no background")
	}
	for c := range mean {
		mean[c] /= float64(n)
	}
	return mean, nil
}
