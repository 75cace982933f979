package style

import "math"

// KeyPoint is where a part of the object is in a picture, in pixels.
type KeyPoint struct {
	X, Y    float64
	Visible bool
}

// Box is a rectangle around the object, in pixels.
type Box struct{ X, Y, Width, Height float64 }

// PoseParts are the parts of a bird, by their names in CUB-200-2011, whose places are its pose. Reed et al. 2016, §5.1.
var PoseParts = [6]string{"beak", "belly", "breast", "crown", "forehead", "tail"}

// Pose returns the places of [PoseParts] in a box, x and y in turn: 12 numbers, 0 at the left and upper edge and 1 at the
// right and lower one. ok is false if a part is missing or not visible, and if there is no such box: the picture takes no
// part in the test.
func Pose(parts map[string]KeyPoint, box Box) (pose []float64, ok bool) {
	for _, name := range PoseParts {
		p, known := parts[name]
		if !known || !p.Visible {
			return nil, false
		}
		pose = append(pose, (p.X-box.X)/box.Width, (p.Y-box.Y)/box.Height)
	}
	for _, v := range pose {
		// What is far outside, infinite or not a number comes from a broken box or point.
		if !(math.Abs(v) <= 1e6) {
			return nil, false
		}
	}
	return pose, box.Width > 0 && box.Height > 0
}
