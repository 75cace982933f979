package tensor

import (
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// PReLUInto sets dst to x where it is positive and to slope·x elsewhere; slope has one element or one for each
// channel, the last axis of x.
func PReLUInto(dst, x, slope *Tensor) {
	wantShape("tensor.PReLUInto", dst, x.shape)
	rowsOf("tensor.PReLUInto", x, slope, func(lo, hi int, s []float32) {
		vec.PReLU(dst.data[lo:hi], x.data[lo:hi], s)
	})
}

// PReLUGradInputInto sets dst to g where x is positive and to slope·g elsewhere.
func PReLUGradInputInto(dst, x, slope, g *Tensor) {
	wantShape("tensor.PReLUGradInputInto", dst, x.shape)
	wantShape("tensor.PReLUGradInputInto", g, x.shape)
	rowsOf("tensor.PReLUGradInputInto", x, slope, func(lo, hi int, s []float32) {
		vec.PReLUGrad(dst.data[lo:hi], x.data[lo:hi], g.data[lo:hi], s)
	})
}

// PReLUGradSlopeInto sets dst, shaped like the slope, to Σ g·min(x, 0) over what each slope applies to.
func PReLUGradSlopeInto(dst, x, g *Tensor) {
	const op = "tensor.PReLUGradSlopeInto"
	wantShape(op, g, x.shape)
	preluSlopes(op, dst, x, func(sum []float64, lo, hi int) {
		vec.PReLUGradSlope(sum, x.data[lo:hi], g.data[lo:hi])
	})
}

// PReLUGradInto is [PReLUGradInputInto] into dx and [PReLUGradSlopeInto] into dslope in one pass over x and g. dx may be
// g, but not x.
func PReLUGradInto(dx, dslope, x, slope, g *Tensor) {
	const op = "tensor.PReLUGradInto"
	wantShape(op, dx, x.shape)
	wantShape(op, g, x.shape)
	wantShape(op, dslope, slope.shape)
	preluSlopes(op, dslope, x, func(sum []float64, lo, hi int) {
		vec.PReLUGrads(dx.data[lo:hi], sum, x.data[lo:hi], g.data[lo:hi], slope.data)
	})
}

// preluSlopes sets dst to the gradient of the slopes: the sum of what part sets for each block.
func preluSlopes(op string, dst, x *Tensor, part func(sum []float64, lo, hi int)) {
	c := max(len(dst.data), 1) // no slope at all is reported below
	grain := wholeRows(len(x.data), c)
	parts, lent := scratch.GetDoubles((len(x.data) + grain - 1) / grain * c)
	defer lent.Free()
	clear(parts)
	rowsOf(op, x, dst, func(lo, hi int, _ []float32) {
		part(parts[lo/grain*c:][:c], lo, hi)
	})
	for i := range dst.data {
		s := 0.0
		for k := i; k < len(parts); k += c {
			s += parts[k]
		}
		dst.data[i] = float32(s)
	}
}

// rowsOf runs f over blocks of whole rows of slopes.
func rowsOf(op string, x, slope *Tensor, f func(lo, hi int, slope []float32)) {
	c := len(slope.data)
	if c == 0 || c != 1 && (len(x.shape) == 0 || x.shape[len(x.shape)-1] != c) {
		panic(shapeError(op, "want 1 slope or one for each channel", x, slope))
	}
	par.For(len(x.data), wholeRows(len(x.data), c), func(lo, hi int) { f(lo, hi, slope.data) })
}

// wholeRows is [blockOf] n elements rounded up to rows of c.
func wholeRows(n, c int) int { return (blockOf(n) + c - 1) / c * c }
