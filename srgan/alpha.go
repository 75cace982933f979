package srgan

import (
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// bleed returns rgb (H,W,3) with the colour of fully transparent pixels replaced by that of the visible ones near them.
// An editor leaves any colour there, black as a rule, and enlarging would draw it into the edge.
//
// Colours, weighted by alpha (H,W,1), are averaged over ever larger squares, and a hole takes the colour of the smallest
// square that has one (the push–pull scheme of Gortler et al. 1996, §3.4).
func bleed(rgb, alpha *tensor.Tensor) *tensor.Tensor {
	if slices.Min(alpha.Data()) > 0 {
		return rgb
	}
	type level struct {
		h, w  int
		color []float32 // weighted by weight
		sum   []float32
	}
	h, w := rgb.Dim(0), rgb.Dim(1)
	base := level{h, w, tensor.Mul(rgb, alpha).Data(), alpha.Data()}
	levels := []level{base}
	for l := base; l.h > 1 || l.w > 1; {
		next := level{h: (l.h + 1) / 2, w: (l.w + 1) / 2}
		next.color = make([]float32, next.h*next.w*3)
		next.sum = make([]float32, next.h*next.w)
		for y := range l.h {
			for x := range l.w {
				from, to := y*l.w+x, y/2*next.w+x/2
				next.sum[to] += l.sum[from] / 4
				for c := range 3 {
					next.color[3*to+c] += l.color[3*from+c] / 4
				}
			}
		}
		levels = append(levels, next)
		l = next
	}
	out := rgb.Clone()
	for y := range h {
		for x := range w {
			if alpha.Data()[y*w+x] > 0 {
				continue
			}
			for k := range levels {
				l := levels[k]
				at := (y>>k)*l.w + x>>k
				if l.sum[at] > 0 {
					for c := range 3 {
						out.Data()[3*(y*w+x)+c] = l.color[3*at+c] / l.sum[at]
					}
					break
				}
			}
		}
	}
	return out
}
