package nn

import "github.com/gander-ml/gander/autograd"

// PixelShuffle enlarges an image by moving channels into space: (N,H,W,C·r²) becomes (N,H·r,W·r,C), where channel
// c·r²+i·r+j of a pixel becomes channel c of the pixel i rows down and j columns right. Shi et al. 2016, eq. 4.
type PixelShuffle struct{ Factor int }

// Forward returns the shuffled image. It panics unless x has four axes and a multiple of r² channels.
func (l PixelShuffle) Forward(x *autograd.Var) *autograd.Var {
	return autograd.PixelShuffle(x, l.Factor)
}
