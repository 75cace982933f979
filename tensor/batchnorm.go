package tensor

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// The kernels of this file normalise the channels, the last axis, of x over all its other axes (batch norm), or over
// all but the first (instance norm). Statistics have one value for each channel, (C), or for each channel of each
// sample, (N,C). x is walked in rows of contiguous channels.

// MomentsInto sets mean and variance to the mean and the biased variance of each channel of x, of the shape (C), over
// all other axes, or of each channel of each sample, (N,C). Sums are taken in float64 and in a fixed order.
// It panics if x is empty.
func MomentsInto(mean, variance, x *Tensor) {
	const op = "tensor.MomentsInto"
	groups, rows, c := normShape(op, x, mean)
	wantShape(op, variance, mean.shape)
	sums, lent := channelSums(2, groups, rows, c, func(part []float64, group, lo, hi int) {
		// Distances from the first row, so that a mean much larger than the deviation does not swallow it.
		first := x.data[group*rows*c:][:c]
		vec.ColumnMoments(part[:c], part[c:], x.data[(group*rows+lo)*c:(group*rows+hi)*c], first)
	})
	defer lent.Free()
	n := float64(rows)
	for i := range mean.data {
		group, ch := i/c, i%c
		sum, square := sums[2*group*c+ch], sums[(2*group+1)*c+ch]
		mean.data[i] = float32(float64(x.data[group*rows*c+ch]) + sum/n)
		variance.data[i] = float32(max(square-sum*sum/n, 0) / n)
	}
}

// BatchNormInto sets y = γ·(x−μ)/√(σ²+ε) + β with the statistics that [MomentsInto] gives; gamma and beta are (C), or nil
// for 1 and 0. y may be x.
func BatchNormInto(y, x, mean, variance, gamma, beta *Tensor, eps float64) {
	BatchNormFinishInto(y, x, mean, variance, gamma, beta, eps, NormFinish{})
}

// NormFinish is what follows a normalisation: y = act(y) + Add, where act takes negative values times Slope. The zero value
// is nothing.
type NormFinish struct {
	Slope *Tensor // (1) or (C), or nil for no activation
	Add   *Tensor // as large as the result, or nil; not together with Slope
}

// BatchNormFinishInto is [BatchNormInto] followed by f in one pass, with the bits of one after the other.
func BatchNormFinishInto(y, x, mean, variance, gamma, beta *Tensor, eps float64, f NormFinish) {
	const op = "tensor.BatchNormInto"
	groups, rows, c := normShape(op, x, mean)
	wantShape(op, y, x.shape)
	wantShape(op, variance, mean.shape)
	if f.Slope != nil && f.Add != nil {
		panic(op + ": want an activation or an addition, got both")
	}
	if f.Add != nil {
		wantShape(op, f.Add, x.shape)
	}
	checkSlope(op, f.Slope, c)
	scale, shift := normCoefficients(op, groups, c, variance, gamma, beta, eps)
	eachRows(groups, rows, c, func(group, lo, hi int) {
		from, to := (group*rows+lo)*c, (group*rows+hi)*c
		d, s, m, a := y.data[from:to], x.data[from:to], mean.data[group*c:][:c], scale[group*c:][:c]
		switch {
		case f.Slope != nil:
			vec.NormPReLU(d, s, m, a, shift, f.Slope.data)
		case f.Add != nil:
			vec.NormAdd(d, s, f.Add.data[from:to], m, a, shift)
		default:
			vec.Norm(d, s, m, a, shift)
		}
	})
}

// normCoefficients returns γ/√(σ²+ε), a row for each group, and β.
func normCoefficients(op string, groups, c int, variance, gamma, beta *Tensor, eps float64) (scale, shift []float32) {
	checkParam(op, gamma, c)
	checkParam(op, beta, c)
	scale = make([]float32, groups*c)
	for i := range scale {
		scale[i] = float32(gain(gamma, i%c) / math.Sqrt(float64(variance.data[i])+eps))
	}
	if beta != nil {
		return scale, beta.data
	}
	return scale, make([]float32, c)
}

// BatchNormGradInto sets dx, dgamma and dbeta to the gradients of [BatchNormInto] with the statistics of x itself, given
// the gradient g with respect to its result. dgamma and dbeta are (C); each of the three may be nil where it is not
// wanted. With x̂ = (x−μ)/√(σ²+ε) and means over what the statistics were taken of,
//
//	dx = γ/√(σ²+ε) · (g − mean(g) − x̂·mean(g·x̂)),  dγ = Σ g·x̂,  dβ = Σ g
func BatchNormGradInto(dx, dgamma, dbeta, x, g, mean, variance, gamma *Tensor, eps float64) {
	BatchNormActGradInto(dx, dgamma, dbeta, nil, x, g, mean, variance, gamma, nil, nil, eps)
}

// BatchNormActGradInto is [BatchNormGradInto] of a normalisation that slope follows as [NormFinish] has it, with its gradient
// dslope, shaped like slope, too. What was activated is computed again from x, with the bits it had; so beta is needed. dx
// may be g.
func BatchNormActGradInto(dx, dgamma, dbeta, dslope, x, g, mean, variance, gamma, beta, slope *Tensor, eps float64) {
	const op = "tensor.BatchNormGradInto"
	groups, rows, c := normShape(op, x, mean)
	wantShape(op, g, x.shape)
	wantShape(op, variance, mean.shape)
	checkSlope(op, slope, c)
	scale, shift := normCoefficients(op, groups, c, variance, gamma, beta, eps)
	width := 2
	if dslope != nil {
		wantShape(op, dslope, slope.shape)
		width = 3
	}
	sums, lent := channelSums(width, groups, rows, c, func(part []float64, group, lo, hi int) {
		from, to := (group*rows+lo)*c, (group*rows+hi)*c
		x, g, mean := x.data[from:to], g.data[from:to], mean.data[group*c:][:c]
		if slope == nil {
			vec.ColumnCentredDots(part[:c], part[c:2*c], x, g, mean)
			return
		}
		var slopes []float64
		if dslope != nil {
			slopes = part[2*c:]
		}
		work := scratch.Get(2 * (vec.NormActPiece + c))
		defer work.Free()
		vec.NormActSums(part[:c], part[c:2*c], slopes, x, g, mean, scale[group*c:][:c], shift, slope.data, work.Data)
	})
	defer lent.Free()
	of := func(which, i int) float64 { return sums[(width*(i/c)+which)*c+i%c] }
	inverse := func(i int) float64 { return 1 / math.Sqrt(float64(variance.data[i])+eps) }
	// total is a sum over the groups of what one of the sums gives.
	total := func(dst *Tensor, which int, weight func(i int) float64) {
		wantShape(op, dst, []int{c})
		for ch := range c {
			s := 0.0
			for group := range groups {
				s += of(which, group*c+ch) * weight(group*c+ch)
			}
			dst.data[ch] = float32(s)
		}
	}
	if dbeta != nil {
		total(dbeta, 0, func(int) float64 { return 1 })
	}
	if dgamma != nil {
		total(dgamma, 1, inverse)
	}
	if dslope != nil {
		all := make([]float64, len(slope.data))
		for i := range groups * c {
			all[i%c%len(all)] += of(2, i)
		}
		for i, s := range all {
			dslope.data[i] = float32(s)
		}
	}
	if dx == nil {
		return
	}
	wantShape(op, dx, x.shape)
	// dx = a·((g−b) − (x−μ)·d), where a is the scale
	b, d := make([]float32, groups*c), make([]float32, groups*c)
	for i := range b {
		inv := inverse(i)
		b[i] = float32(of(0, i) / float64(rows))
		d[i] = float32(of(1, i) / float64(rows) * inv * inv)
	}
	eachRows(groups, rows, c, func(group, lo, hi int) {
		from, to, at := (group*rows+lo)*c, (group*rows+hi)*c, group*c
		dx, x, g, mean := dx.data[from:to], x.data[from:to], g.data[from:to], mean.data[at:][:c]
		if slope == nil {
			vec.NormGrad(dx, x, g, mean, scale[at:][:c], b[at:][:c], d[at:][:c])
			return
		}
		work := scratch.Get(2 * (vec.NormActPiece + c))
		defer work.Free()
		vec.NormActGrad(dx, x, g, mean, scale[at:][:c], shift, slope.data, b[at:][:c], d[at:][:c], work.Data)
	})
}

// ChannelAffineInto sets y = x·scale + shift with one scale and one shift, (C), for each channel, the last axis of x.
// y may be x.
func ChannelAffineInto(y, x, scale, shift *Tensor) {
	const op = "tensor.ChannelAffineInto"
	_, rows, c := normShape(op, x, scale)
	wantShape(op, y, x.shape)
	wantShape(op, scale, []int{c})
	wantShape(op, shift, []int{c})
	eachRows(1, rows, c, func(_, lo, hi int) {
		vec.ScaleShift(y.data[lo*c:hi*c], x.data[lo*c:hi*c], scale.data, shift.data)
	})
}

// normShape returns x as groups of rows of channels, with one group for each row of the statistics.
func normShape(op string, x, stats *Tensor) (groups, rows, c int) {
	r := len(x.shape)
	ok := r >= 2 && len(x.data) > 0
	if ok {
		c = x.shape[r-1]
		switch len(stats.shape) {
		case 1:
			groups, ok = 1, stats.shape[0] == c
		case 2:
			groups, ok = x.shape[0], stats.shape[0] == x.shape[0] && stats.shape[1] == c
		default:
			ok = false
		}
	}
	if !ok {
		panic(shapeError(op, "want (N,…,C), not empty, and statistics (C) or (N,C)", x, stats))
	}
	return groups, len(x.data) / groups / c, c
}

func gain(gamma *Tensor, i int) float64 {
	if gamma == nil {
		return 1
	}
	return float64(gamma.data[i])
}

// checkParam panics unless p is (c) or nil.
func checkParam(op string, p *Tensor, c int) {
	if p != nil && (len(p.shape) != 1 || p.shape[0] != c) {
		panic(fmt.Sprintf("%s: want γ and β of shape (%d), got %s", op, c, Format(p.shape)))
	}
}

// checkSlope panics unless slope is (1) or (c) or nil.
func checkSlope(op string, slope *Tensor, c int) {
	if slope != nil && (slope.Rank() != 1 || len(slope.data) != 1 && len(slope.data) != c) {
		panic(fmt.Sprintf("%s: want 1 slope or %d, got %s", op, c, Format(slope.shape)))
	}
}

// channelSums runs body over blocks of rows of each group, with so many sums for each channel of its own, and returns the
// sums of the blocks, sums·c for each group, joined in the order of the blocks, in memory to be given back.
func channelSums(sums, groups, rows, c int, body func(part []float64, group, lo, hi int)) ([]float64, *scratch.Buf) {
	grain := rowsPerBlock(groups*rows*c, c)
	blocks := (rows + grain - 1) / grain
	width := sums * c
	parts, lent := scratch.GetDoubles(groups * blocks * width)
	clear(parts)
	par.For(groups*blocks, max(1, grain/rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			b, part := i%blocks, parts[i*width:][:width]
			body(part, i/blocks, b*grain, min((b+1)*grain, rows))
		}
	})
	for group := range groups {
		// The sums of a group end up behind those of the groups before it, over what is joined already.
		first := parts[group*blocks*width:][:width]
		for b := 1; b < blocks; b++ {
			for i, v := range parts[(group*blocks+b)*width:][:width] {
				first[i] += v
			}
		}
		copy(parts[group*width:][:width], first)
	}
	return parts[:groups*width], lent
}

// eachRows runs body over blocks of rows of each group, the last ones first: it comes after a walk that took the
// statistics, which has left them in the caches.
func eachRows(groups, rows, c int, body func(group, lo, hi int)) {
	grain := rowsPerBlock(groups*rows*c, c)
	blocks := (rows + grain - 1) / grain
	all := groups * blocks
	par.For(all, max(1, grain/rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			group, b := (all-1-i)/blocks, (all-1-i)%blocks
			body(group, b*grain, min((b+1)*grain, rows))
		}
	})
}

// rowsPerBlock is how many rows one goroutine walks before its sums join the others: not so few that the sums take a
// noticeable part of the memory of x, which has n elements.
func rowsPerBlock(n, c int) int { return max(64, wholeRows(n, c)/c) }
