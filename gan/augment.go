package gan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Augment changes all pictures that the discriminator sees, real and fake alike, by transformations through which gradients
// flow, so that it cannot learn a small data set by heart and the generator does not learn the changes. The usual choice
// for a few thousand pictures or less is all three. Zhao et al. 2020 (DiffAugment), §3.2 and the authors' code.
type Augment struct {
	// Colour changes brightness by ±½ (of a range of 2), saturation by a factor of 0 to 2, and contrast by one of ½ to 3/2.
	Colour bool
	// Translation shifts by up to an eighth of the side and fills with zeros.
	Translation bool
	// Cutout sets a square of half the side, at a random place, to zeros.
	Cutout bool
}

// FullAugment is colour, translation and cutout.
var FullAugment = Augment{Colour: true, Translation: true, Cutout: true}

// Draw draws the changes of n pictures of h×w pixels. The same changes are then made to real pictures and to fakes.
func (a Augment) Draw(n, h, w int, rng *rand.Rand) *Change {
	c := &Change{n: n, h: h, w: w}
	if a.Colour {
		c.brightness = tensor.RandU(rng, -0.5, 0.5, n, 1, 1, 1)
		c.saturation = tensor.RandU(rng, 0, 2, n, 1, 1, 1)
		c.contrast = tensor.RandU(rng, 0.5, 1.5, n, 1, 1, 1)
	}
	if a.Translation {
		for range n {
			c.down = append(c.down, within(rng, (h+4)/8))
			c.right = append(c.right, within(rng, (w+4)/8))
		}
	}
	if a.Cutout {
		c.keep = cutouts(n, h, w, rng)
	}
	return c
}

// Change is one change for each picture of a batch.
type Change struct {
	n, h, w                          int
	brightness, saturation, contrast *tensor.Tensor // (N,1,1,1); nil without
	down, right                      []int          // pixels; nil without
	keep                             *tensor.Tensor // (N,H,W,1) of ones, with zeros to cut; nil without
}

// Apply makes the changes to pictures x (N,H,W,C). It panics if they were drawn for other sizes.
func (c *Change) Apply(x *autograd.Var) *autograd.Var {
	if x.Rank() != 4 || x.Dim(0) != c.n || x.Dim(1) != c.h || x.Dim(2) != c.w {
		panic(fmt.Sprintf("gan.Augment: want pictures (%d,%d,%d,C), got %s", c.n, c.h, c.w, tensor.Format(x.Shape())))
	}
	if c.brightness != nil {
		x = autograd.Add(x, autograd.Const(c.brightness))
		x = away(x, c.saturation, 3)
		x = away(x, c.contrast, 1, 2, 3)
	}
	if c.down != nil {
		x = c.shift(x)
	}
	if c.keep != nil {
		x = autograd.Mul(x, autograd.Const(c.keep))
	}
	return x
}

// away multiplies the distance from the mean over the axes.
func away(x *autograd.Var, factor *tensor.Tensor, axes ...int) *autograd.Var {
	shape := append([]int{}, x.Shape()...)
	for _, a := range axes {
		shape[a] = 1
	}
	mean := autograd.Mean(x, axes...).Reshape(shape...)
	return autograd.Add(autograd.Mul(autograd.Sub(x, mean), autograd.Const(factor)), mean)
}

// shift moves each picture by its own number of pixels.
func (c *Change) shift(x *autograd.Var) *autograd.Var {
	// Rows of pixels are picked by index; what moves in from outside is the first pixel of one more, empty picture row.
	empty := autograd.Const(tensor.New(1, x.Dim(3)))
	pixels := autograd.Concat(0, x.Reshape(-1, x.Dim(3)), empty)
	none := c.n * c.h * c.w
	index := make([]int, 0, none)
	for i := range c.n {
		for y := range c.h {
			for z := range c.w {
				sy, sx := y-c.down[i], z-c.right[i]
				if sy < 0 || sy >= c.h || sx < 0 || sx >= c.w {
					index = append(index, none)
					continue
				}
				index = append(index, (i*c.h+sy)*c.w+sx)
			}
		}
	}
	return autograd.Gather(pixels, index).Reshape(x.Shape()...)
}

// cutouts returns masks with a square of half the side cut out, its centre anywhere in the picture.
func cutouts(n, h, w int, rng *rand.Rand) *tensor.Tensor {
	mask := tensor.Full(1, n, h, w, 1)
	ch, cw := (h+1)/2, (w+1)/2
	for i := range n {
		top, left := rng.IntN(h+1-ch%2)-ch/2, rng.IntN(w+1-cw%2)-cw/2
		for y := max(top, 0); y < min(top+ch, h); y++ {
			for x := max(left, 0); x < min(left+cw, w); x++ {
				mask.Set(0, i, y, x, 0)
			}
		}
	}
	return mask
}

// within draws from −k to k.
func within(rng *rand.Rand, k int) int { return rng.IntN(2*k+1) - k }
