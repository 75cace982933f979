package niqe

import "math"

// aggd is an asymmetric generalised Gaussian distribution, whose density falls like exp(−(|x|/β)^α) on both sides of 0 with
// a scale β for each. Lasmar, Stitou & Berthoumieu 2009.
type aggd struct{ alpha, left, right float64 }

// The range of shapes that is searched: from far more peaked than Laplace's distribution (1) to nearly uniform.
const minAlpha, maxAlpha = 0.2, 10

// fitAGGD returns the distribution with the moments of x. Its fields are NaN if x has no values on one of the sides.
func fitAGGD(x []float64) aggd {
	var left, right, abs, square float64
	var nl, nr int
	for _, v := range x {
		switch {
		case v < 0:
			left += v * v
			nl++
		case v > 0:
			right += v * v
			nr++
		}
		abs += math.Abs(v)
		square += v * v
	}
	if nl == 0 || nr == 0 {
		return aggd{math.NaN(), math.NaN(), math.NaN()}
	}
	n := float64(len(x))
	sl, sr := math.Sqrt(left/float64(nl)), math.Sqrt(right/float64(nr))
	g := sl / sr
	r := (abs / n) * (abs / n) / (square / n)
	// The ratio of moments that a symmetric distribution of the same shape has.
	r *= (g*g*g + 1) * (g + 1) / ((g*g + 1) * (g*g + 1))
	alpha := solveShape(r)
	scale := math.Exp((lgamma(1/alpha) - lgamma(3/alpha)) / 2)
	return aggd{alpha, sl * scale, sr * scale}
}

// mean returns the mean of the distribution.
func (d aggd) mean() float64 {
	return (d.right - d.left) * math.Exp(lgamma(2/d.alpha)-lgamma(1/d.alpha))
}

// solveShape inverts momentRatio, which grows, by bisection.
func solveShape(r float64) float64 {
	lo, hi := float64(minAlpha), float64(maxAlpha)
	for range 60 {
		mid := (lo + hi) / 2
		if momentRatio(mid) < r {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// momentRatio is E[|x|]²/E[x²] of a generalised Gaussian of shape alpha, Γ(2/α)²/(Γ(1/α)·Γ(3/α)).
func momentRatio(alpha float64) float64 {
	return math.Exp(2*lgamma(2/alpha) - lgamma(1/alpha) - lgamma(3/alpha))
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}
