package vec

// The functions of this file are the derivative of a normalisation followed by an activation, y = act(z) with
// z = (x−mean)·scale + shift. z and the gradient that reaches it are computed again, piece by piece in the first cache,
// rather than kept. Rows repeat, and slope has one element or as many as the others.

// NormActPiece is about how many elements are worked on together. Functions take twice as many as working memory, and two
// rows more.
const NormActPiece = 1 << 10

// A normAct holds the rows, several times over where they are short.
type normAct struct {
	mean, scale, shift, slope []float32
	piece                     int
	z, h                      []float32
}

func newNormAct(t *[4]tile, n int, mean, scale, shift, slope, work []float32) normAct {
	c := len(mean)
	a := normAct{mean: t[0].repeat(mean, n), slope: slope}
	a.scale, a.shift = t[1].repeat(same(scale, c), n), t[2].repeat(same(shift, c), n)
	if len(slope) != 1 {
		a.slope = t[3].repeat(same(slope, c), n)
	}
	row := len(a.mean)
	a.piece = max(1, NormActPiece/max(1, row)) * row
	a.z, a.h = same(work, a.piece), same(work, 2*a.piece)[a.piece:]
	return a
}

// of sets z to what is activated and h to the gradient that reaches it.
func (a normAct) of(x, g []float32) (z, h []float32) {
	z, h = a.z[:len(x)], a.h[:len(x)]
	runNorm(z, x, a.mean, a.scale, a.shift, false)
	if len(a.slope) == 1 {
		leakyReLUGrad(h, z, g, a.slope[0], false)
	} else {
		runPReLUGrad(h, z, g, a.slope, false)
	}
	return z, h
}

// NormActSums does [ColumnCentredDots] of the gradient that reaches z. To slopes, unless it is nil, it adds g·z of each
// column where z is not positive. The length of x is a multiple of that of the rows.
func NormActSums(sum, dot, slopes []float64, x, g, mean, scale, shift, slope, work []float32) {
	g = same(g, len(x))
	var t [4]tile
	a := newNormAct(&t, len(x), mean, scale, shift, slope, work)
	for len(x) > 0 {
		n := min(a.piece, len(x))
		z, h := a.of(x[:n], g[:n])
		if slopes != nil {
			addPReLUGradSlope(slopes, z, g[:n])
		}
		ColumnCentredDots(sum, dot, x[:n], h, mean)
		x, g = x[n:], g[n:]
	}
}

// NormActGrad does [NormGrad] of the gradient that reaches z, with the coefficients b and d of that function and scale for
// its a.
func NormActGrad(dst, x, g, mean, scale, shift, slope, b, d, work []float32) {
	x, g, b, d = same(x, len(dst)), same(g, len(dst)), same(b, len(mean)), same(d, len(mean))
	var rows [4]tile
	a := newNormAct(&rows, len(dst), mean, scale, shift, slope, work)
	var t [2]tile
	b, d = t[0].repeat(b, len(dst)), t[1].repeat(d, len(dst))
	stream := streamsRows(a.mean, dst, x, g)
	for len(dst) > 0 {
		n := min(a.piece, len(dst))
		_, h := a.of(x[:n], g[:n])
		runNormGrad(dst[:n], x[:n], h, a.mean, a.scale, b, d, stream)
		dst, x, g = dst[n:], x[n:], g[n:]
	}
}

// NormAdd sets dst[i] = (x[i]−mean)·scale + shift + skip[i], with means, scales and shifts that repeat.
func NormAdd(dst, x, skip, mean, scale, shift []float32) {
	x, skip, scale, shift = same(x, len(dst)), same(skip, len(dst)), same(scale, len(mean)), same(shift, len(mean))
	var t [3]tile
	mean, scale, shift = t[0].repeat(mean, len(dst)), t[1].repeat(scale, len(dst)), t[2].repeat(shift, len(dst))
	runNormAdd(dst, x, skip, mean, scale, shift, streamsRows(mean, dst, x, skip))
}
