package txt2img

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// Neighbour is the picture of a data set that is nearest to a painted one.
type Neighbour struct {
	Index    int     // in the data set
	Mirrored bool    // it is nearest when mirrored left to right
	Distance float64 // root of the mean square of the differences
}

// Nearest returns the nearest picture of a data set for each of some painted pictures x (N,S,S,3) with values in [-1,1]: what
// a generator that has learned its data by heart paints has a neighbour at next to no distance. Pictures of the set are brought
// to the size of x, and are compared mirrored as well. They are compared by what features makes of them, (n, …), such as the
// hidden layer of a network, and if it is nil by their pixels. It panics if the data set is empty or not of three channels.
func Nearest(x *tensor.Tensor, set *labelled.Images, features func(x *tensor.Tensor) *tensor.Tensor) []Neighbour {
	if x.Rank() != 4 || x.Dim(3) != 3 || set.Channels != 3 || set.Len() == 0 {
		panic(fmt.Sprintf("txt2img.Nearest: want pictures (N,H,W,3) and a data set of such, got %s and %d of %d channels",
			tensor.Format(x.Shape()), set.Len(), set.Channels))
	}
	if features == nil {
		features = func(x *tensor.Tensor) *tensor.Tensor { return x }
	}
	painted := flat(features(x))
	best := make([]Neighbour, x.Dim(0))
	for i := range best {
		best[i].Distance = math.Inf(1)
	}
	for lo := 0; lo < set.Len(); lo += batchSize {
		hi := min(lo+batchSize, set.Len())
		block, err := set.Block(lo, hi)
		if err != nil {
			panic(err.Error()) // a Block of a range that is there has none
		}
		block = tensor.Affine(block, 2, -1)
		if block.Dim(1) != x.Dim(1) || block.Dim(2) != x.Dim(2) {
			block = tensor.Clamp(tensor.Resize(block, x.Dim(1), x.Dim(2), tensor.Bicubic), -1, 1)
		}
		for _, mirrored := range []bool{false, true} {
			if mirrored {
				block = tensor.Flip(block, 2)
			}
			real := flat(features(block))
			for i := range best {
				for k := range hi - lo {
					if d := distance(painted.Rows(i, i+1).Data(), real.Rows(k, k+1).Data()); d < best[i].Distance {
						best[i] = Neighbour{Index: lo + k, Mirrored: mirrored, Distance: d}
					}
				}
			}
		}
	}
	return best
}

func flat(x *tensor.Tensor) *tensor.Tensor { return x.Reshape(x.Dim(0), -1) }

func distance(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum / float64(len(a)))
}
