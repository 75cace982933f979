package tensor

import (
	"fmt"
	"math"
)

// ResizeMethod is a way to compute images of another size. Pixel i of an axis that is scaled by s has its centre at
// (i+½)/s − ½ in the original, unless said otherwise.
type ResizeMethod int

const (
	// Bicubic is MATLAB's imresize: Keys' kernel with a = −½, stretched by 1/s when shrinking so that it also removes
	// what the smaller image cannot show, and borders that mirror the image, edge pixels included.
	Bicubic ResizeMethod = iota
	// Bilinear interpolates between the nearest two pixels per axis, as PyTorch does with align_corners=False. It
	// skips pixels when shrinking by more than 2.
	Bilinear
	// BilinearAntialias is Bilinear with a kernel that is stretched by 1/s when shrinking, as PyTorch does with
	// antialias=True.
	BilinearAntialias
	// BilinearTorch7 is what image.scale of Torch7 does by default: an average over areas when shrinking; when
	// enlarging, linear interpolation that maps the first and last pixels to the first and last pixels.
	BilinearTorch7
	// Nearest copies pixel ⌊i/s⌋, as PyTorch does.
	Nearest
	// NearestExact copies the pixel whose centre is nearest, ⌊(i+½)/s⌋.
	NearestExact
	// Box averages over the area that a pixel of the result covers.
	Box
)

var resizeNames = [...]string{
	Bicubic: "bicubic", Bilinear: "bilinear", BilinearAntialias: "bilinear-antialias", BilinearTorch7: "bilinear-torch7",
	Nearest: "nearest", NearestExact: "nearest-exact", Box: "box",
}

// String returns the name of the method, such as bilinear-antialias.
func (m ResizeMethod) String() string {
	if m < 0 || int(m) >= len(resizeNames) {
		return fmt.Sprintf("ResizeMethod(%d)", int(m))
	}
	return resizeNames[m]
}

// NewResize returns the operator that resizes inH×inW images to outH×outW. It panics unless all are positive.
func NewResize(method ResizeMethod, inH, inW, outH, outW int) *Resampler {
	if min(inH, inW, outH, outW) < 1 {
		panic(fmt.Sprintf("tensor.NewResize: cannot resize %d×%d to %d×%d pixels", inH, inW, outH, outW))
	}
	return newResampler(
		resizeTaps(method, inH, outH, float64(outH)/float64(inH)),
		resizeTaps(method, inW, outW, float64(outW)/float64(inW)))
}

// NewResizeScale returns the operator that scales h×w images by s to ⌈h·s⌉×⌈w·s⌉, as MATLAB's imresize does when it is
// given a scale: s, and not the ratio of the sizes, says where pixels lie. It panics unless all are positive.
func NewResizeScale(method ResizeMethod, h, w int, s float64) *Resampler {
	if min(h, w) < 1 || !(s > 0) || math.IsInf(s, 1) {
		panic(fmt.Sprintf("tensor.NewResizeScale: cannot scale %d×%d pixels by %g", h, w, s))
	}
	return newResampler(resizeTaps(method, h, scaledSize(h, s), s), resizeTaps(method, w, scaledSize(w, s), s))
}

// scaledSize returns ⌈n·s⌉, forgiving the rounding of s: 30·(1/3) and 9·(1/3.0) are whole.
func scaledSize(n int, s float64) int {
	v := float64(n) * s
	if r := math.Round(v); r >= 1 && math.Abs(v-r) < 1e-9*r {
		return int(r)
	}
	return int(math.Ceil(v))
}

// Resize returns the images x (N,H,W,C) resized to (N,h,w,C).
func Resize(x *Tensor, h, w int, method ResizeMethod) *Tensor {
	if x.Rank() != 4 {
		panic(shapeError("tensor.Resize", "want (N,H,W,C)", x))
	}
	return NewResize(method, x.shape[1], x.shape[2], h, w).Apply(x)
}

// ResizeInto resizes the images x (N,H,W,C) to the size of dst, which must not overlap x.
func ResizeInto(dst, x *Tensor, method ResizeMethod) {
	if x.Rank() != 4 || dst.Rank() != 4 {
		panic(shapeError("tensor.ResizeInto", "want (N,H,W,C) both", dst, x))
	}
	NewResize(method, x.shape[1], x.shape[2], dst.shape[1], dst.shape[2]).ApplyInto(dst, x)
}

// ResizeScale returns the images x (N,H,W,C) scaled by s, as [NewResizeScale] defines it.
func ResizeScale(x *Tensor, s float64, method ResizeMethod) *Tensor {
	if x.Rank() != 4 {
		panic(shapeError("tensor.ResizeScale", "want (N,H,W,C)", x))
	}
	return NewResizeScale(method, x.shape[1], x.shape[2], s).Apply(x)
}

// resizeTaps returns the weights along one axis.
func resizeTaps(method ResizeMethod, in, out int, s float64) *taps {
	t := newTaps(in)
	last := in - 1
	for i := range out {
		centre := (float64(i)+0.5)/s - 0.5
		switch method {
		case Bicubic:
			symmetricTaps(t, centre, min(s, 1), 2, keys)
		case Bilinear:
			at := max(centre, 0)
			lo := min(int(at), last)
			t.add(lo, 1-(at-float64(lo)))
			t.add(min(lo+1, last), at-float64(lo))
		case BilinearAntialias:
			truncatedTaps(t, centre, min(s, 1), 1, triangle)
		case BilinearTorch7:
			torch7Taps(t, i, out, s)
		case Nearest:
			t.add(min(floorRatio(float64(i), s, in, out), last), 1)
		case NearestExact:
			t.add(min(floorRatio(float64(i)+0.5, s, in, out), last), 1)
		case Box:
			boxTaps(t, float64(i)/s, float64(i+1)/s)
		default:
			panic(fmt.Sprintf("tensor.NewResize: no method %v", method))
		}
		t.next()
	}
	return t
}

// floorRatio returns ⌊x/s⌋ without letting the rounding of s = out/in move a whole result down.
func floorRatio(x, s float64, in, out int) int {
	if s == float64(out)/float64(in) {
		return int(2*x) * in / (2 * out) // x is a multiple of ½
	}
	return int(x / s)
}

// keys is Keys' cubic convolution kernel with a = −½. Keys 1981, eq. 15.
func keys(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x <= 1:
		return (1.5*x-2.5)*x*x + 1
	case x <= 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

func triangle(x float64) float64 { return max(0, 1-math.Abs(x)) }

// symmetricTaps adds a kernel of the given support, stretched by 1/scale, around centre. Beyond the borders lies the
// mirrored image, edge pixels included.
func symmetricTaps(t *taps, centre, scale, support float64, kernel func(float64) float64) {
	lo := int(math.Floor(centre - support/scale))
	hi := int(math.Ceil(centre + support/scale))
	for j := lo; j <= hi; j++ {
		k := (j%(2*t.in) + 2*t.in) % (2 * t.in)
		t.add(min(k, 2*t.in-1-k), kernel(scale*(centre-float64(j))))
	}
	t.normalise()
}

// truncatedTaps is symmetricTaps without pixels beyond the borders.
func truncatedTaps(t *taps, centre, scale, support float64, kernel func(float64) float64) {
	lo := max(0, int(math.Floor(centre-support/scale)))
	hi := min(t.in-1, int(math.Ceil(centre+support/scale)))
	for j := lo; j <= hi; j++ {
		t.add(j, kernel(scale*(centre-float64(j))))
	}
	t.normalise()
}

// boxTaps weights each pixel j, which covers [j, j+1), by how much of it lies between lo and hi.
func boxTaps(t *taps, lo, hi float64) {
	hi = min(hi, float64(t.in))
	for j := min(int(lo), t.in-1); j < t.in && float64(j) < hi; j++ {
		w := min(hi, float64(j+1)) - max(lo, float64(j))
		if w > 1e-9 { // what rounding leaves of a pixel that only touches
			t.add(j, w)
		}
	}
	t.normalise()
}

func torch7Taps(t *taps, i, out int, s float64) {
	switch {
	case out < t.in:
		boxTaps(t, float64(i)/s, float64(i+1)/s)
	case out == t.in || t.in == 1:
		t.add(min(i, t.in-1), 1)
	default:
		at := float64(i*(t.in-1)) / float64(out-1)
		lo := min(int(at), t.in-1)
		t.add(lo, 1-(at-float64(lo)))
		t.add(min(lo+1, t.in-1), at-float64(lo))
	}
}
