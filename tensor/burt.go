package tensor

import "fmt"

// BurtA is the usual parameter of [NewBurtReduce] and [NewBurtExpand]: with 0.4 the kernel is nearly Gaussian.
const BurtA = 0.4

// NewBurtReduce returns the operator that blurs h×w images with the separable kernel
//
//	w = [¼−a/2, ¼, a, ¼, ¼−a/2]
//
// and keeps samples 0, 2, 4, …, that is ⌈h/2⌉×⌈w/2⌉ of them. Beyond the borders lies the image mirrored at its edge
// pixels, which are not repeated. It panics unless the sizes are positive. Burt & Adelson 1983, REDUCE.
func NewBurtReduce(h, w int, a float64) *Resampler {
	wantBurtSize("tensor.NewBurtReduce", h, w)
	return newResampler(reduceTaps(h, a), reduceTaps(w, a))
}

// NewBurtExpand returns the operator that enlarges ⌈h/2⌉×⌈w/2⌉ images to h×w: zeros go between the samples, and the
// result is blurred with the kernel of [NewBurtReduce], doubled along each axis, and its borders. It panics unless the
// sizes are positive. Burt & Adelson 1983, EXPAND.
func NewBurtExpand(h, w int, a float64) *Resampler {
	wantBurtSize("tensor.NewBurtExpand", h, w)
	return newResampler(expandTaps(h, a), expandTaps(w, a))
}

func wantBurtSize(op string, h, w int) {
	if h < 1 || w < 1 {
		panic(fmt.Sprintf("%s: no image of %d×%d pixels", op, h, w))
	}
}

func burtKernel(a float64) [5]float64 { return [5]float64{0.25 - a/2, 0.25, a, 0.25, 0.25 - a/2} }

func reduceTaps(n int, a float64) *taps {
	t := newTaps(n)
	for i := range (n + 1) / 2 {
		for m, w := range burtKernel(a) {
			t.add(reflect101(2*i+m-2, n), w)
		}
		t.next()
	}
	return t
}

func expandTaps(n int, a float64) *taps {
	t := newTaps((n + 1) / 2)
	if n == 1 { // a mirrored single sample has no zeros beside it
		t.add(0, 1)
		t.next()
		return t
	}
	for i := range n {
		for m, w := range burtKernel(a) {
			if k := reflect101(i+m-2, n); k%2 == 0 {
				t.add(k/2, 2*w)
			}
		}
		t.next()
	}
	return t
}
