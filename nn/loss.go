package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// MSE returns the mean of (x−y)² over all elements. It panics unless the shapes are equal.
func MSE(x, y *autograd.Var) *autograd.Var {
	sameShape("nn.MSE", x, y)
	return autograd.Mean(autograd.Square(autograd.Sub(x, y)))
}

// L1 returns the mean of |x−y| over all elements. It panics unless the shapes are equal.
func L1(x, y *autograd.Var) *autograd.Var {
	sameShape("nn.L1", x, y)
	return autograd.Mean(autograd.Abs(autograd.Sub(x, y)))
}

// Charbonnier returns the mean of √((x−y)²+ε²) over all elements, a smooth kind of [L1]. It panics unless the shapes are
// equal. Lai et al. 2017, eq. 4, where ε is 1e-3.
func Charbonnier(x, y *autograd.Var, eps float32) *autograd.Var {
	sameShape("nn.Charbonnier", x, y)
	return autograd.Mean(autograd.Sqrt(autograd.Shift(autograd.Square(autograd.Sub(x, y)), eps*eps)))
}

// SmoothL1 returns the mean of d²/(2β) where d = |x−y| is less than β and of d−β/2 elsewhere: Huber's loss divided by β.
// It panics unless the shapes are equal and β is positive. Girshick 2015, eq. 3, where β is 1.
func SmoothL1(x, y *autograd.Var, beta float32) *autograd.Var {
	sameShape("nn.SmoothL1", x, y)
	if !(beta > 0) {
		panic(fmt.Sprintf("nn.SmoothL1: β must be positive, got %g", beta))
	}
	// With m = min(d, β), both cases are m²/(2β) + d − m.
	d := autograd.Abs(autograd.Sub(x, y))
	m := autograd.Clamp(d, 0, beta)
	return autograd.Mean(autograd.Add(autograd.Scale(autograd.Square(m), 1/(2*beta)), autograd.Sub(d, m)))
}

// BCEWithLogits returns the mean binary cross-entropy between the probabilities σ(logits) and the targets t in [0,1],
//
//	−t·ln σ(a) − (1−t)·ln(1−σ(a)) = t·softplus(−a) + (1−t)·softplus(a)
//
// which is exact for logits a of any size. Each term is multiplied by its weight and the sum is divided by the number of
// logits; nil weights are 1. Targets and weights broadcast to the logits' shape.
func BCEWithLogits(logits, targets, weights *autograd.Var) *autograd.Var {
	broadcasts("nn.BCEWithLogits", "targets", targets, logits)
	terms := autograd.Add(
		autograd.Mul(autograd.Softplus(autograd.Neg(logits)), targets),
		autograd.Mul(autograd.Softplus(logits), autograd.Affine(targets, -1, 1)))
	return weightedMean("nn.BCEWithLogits", terms, weights)
}

// BCEWithLogitsTo is [BCEWithLogits] with one target for all logits, such as 1 for what should be taken for real.
func BCEWithLogitsTo(logits *autograd.Var, target float32, weights *autograd.Var) *autograd.Var {
	var terms *autograd.Var
	switch target {
	case 0:
		terms = autograd.Softplus(logits)
	case 1:
		terms = autograd.Softplus(autograd.Neg(logits))
	default:
		terms = autograd.Add(
			autograd.Scale(autograd.Softplus(autograd.Neg(logits)), target),
			autograd.Scale(autograd.Softplus(logits), 1-target))
	}
	return weightedMean("nn.BCEWithLogitsTo", terms, weights)
}

// CrossEntropy returns the mean of −ln softmax(logits)[label] over the rows of logits (…,K), with one label for each row
// in row-major order. It panics unless each row has a label in [0,K).
func CrossEntropy(logits *autograd.Var, labels []int) *autograd.Var {
	return autograd.Neg(autograd.Mean(autograd.Take(autograd.LogSoftmax(logits), labels)))
}

// Hinge returns the mean of max(0, 1−sign·x), with sign 1 for what should score high and −1 for what should score low.
// It panics for another sign.
func Hinge(x *autograd.Var, sign int) *autograd.Var {
	if sign != 1 && sign != -1 {
		panic(fmt.Sprintf("nn.Hinge: the sign must be 1 or -1, got %d", sign))
	}
	return autograd.Mean(autograd.ReLU(autograd.Affine(x, float32(-sign), 1)))
}

// TV returns the total variation of images x (N,H,W,C), the length of the gradient summed over channels and averaged over
// pixels,
//
//	1/(N·H·W) Σ √(dx²+dy²+1e-12)
//
// with forward differences, which are 0 past the last row and column. Rudin et al. 1992. It panics unless x has four axes.
func TV(x *autograd.Var) *autograd.Var {
	if x.Rank() != 4 {
		panic("nn.TV: want (N,H,W,C), got " + tensor.Format(x.Shape()))
	}
	edge := autograd.Pad2D(x, tensor.PadSpec{B: 1, R: 1, Mode: tensor.PadReplicate})
	h, w := x.Dim(1), x.Dim(2)
	dx := autograd.Sub(autograd.Crop2D(edge, 0, 1, h, w), x)
	dy := autograd.Sub(autograd.Crop2D(edge, 1, 0, h, w), x)
	length := autograd.Sqrt(autograd.Shift(autograd.Add(autograd.Square(dx), autograd.Square(dy)), 1e-12))
	return autograd.Scale(autograd.Sum(length), float32(1/(float64(x.Dim(0))*float64(h)*float64(w))))
}

// KLStandard returns the Kullback-Leibler divergence of Gaussians from the standard normal distribution,
//
//	½(μ² + σ² − 1) − ln σ
//
// element by element, given μ and ln σ; sum it over what is one variable. It panics unless the shapes are equal.
// Kingma & Welling 2014, appendix B.
func KLStandard(mean, logSigma *autograd.Var) *autograd.Var {
	sameShape("nn.KLStandard", mean, logSigma)
	square := autograd.Add(autograd.Square(mean), autograd.Exp(autograd.Scale(logSigma, 2)))
	return autograd.Sub(autograd.Affine(square, 0.5, -0.5), logSigma)
}

// KLGaussians returns the Kullback-Leibler divergence of Gaussians from others,
//
//	ln σ₂/σ₁ + (σ₁² + (μ₁−μ₂)²)/(2σ₂²) − ½
//
// element by element, given the means and the logarithms of the deviations; sum it over what is one variable. Shapes
// broadcast.
func KLGaussians(mean1, logSigma1, mean2, logSigma2 *autograd.Var) *autograd.Var {
	// σ₁²/σ₂² from the difference of the logarithms, which cannot overflow where the ratio does not.
	ratio := autograd.Sub(logSigma1, logSigma2)
	shift := autograd.Mul(autograd.Sub(mean1, mean2), autograd.Exp(autograd.Neg(logSigma2)))
	square := autograd.Add(autograd.Exp(autograd.Scale(ratio, 2)), autograd.Square(shift))
	return autograd.Sub(autograd.Affine(square, 0.5, -0.5), ratio)
}

// weightedMean is Σ weight·term divided by the number of terms.
func weightedMean(op string, terms, weights *autograd.Var) *autograd.Var {
	if weights != nil {
		broadcasts(op, "weights", weights, terms)
		terms = autograd.Mul(terms, weights)
	}
	return autograd.Mean(terms)
}

func sameShape(op string, x, y *autograd.Var) {
	if !tensor.SameShape(x.Value(), y.Value()) {
		panic(fmt.Sprintf("%s: want equal shapes, got %s and %s", op, tensor.Format(x.Shape()), tensor.Format(y.Shape())))
	}
}

// broadcasts panics unless v broadcasts to the shape of x itself.
func broadcasts(op, what string, v, x *autograd.Var) {
	from, to := v.Shape(), x.Shape()
	ok := len(from) <= len(to)
	for i := 0; ok && i < len(from); i++ {
		n := to[len(to)-len(from)+i]
		ok = from[i] == n || from[i] == 1
	}
	if !ok {
		panic(fmt.Sprintf("%s: %s %s do not broadcast to %s", op, what, tensor.Format(from), tensor.Format(to)))
	}
}
