package style

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor"
	"gonum.org/v1/gonum/stat"
)

// Score says how alike two pictures are, given their numbers.
type Score func(a, b int) float64

// Cosine scores pictures by the cosine of the angle between their vectors, the rows of x (N,D): those of styles ([Of]) or, as
// a baseline, those of their captions. It is 0 where a vector is.
func Cosine(x *tensor.Tensor) Score {
	if x.Rank() != 2 {
		panic("style.Cosine: want vectors (N,D), got " + tensor.Format(x.Shape()))
	}
	lengths := make([]float64, x.Dim(0))
	for i := range lengths {
		lengths[i] = tensor.Norm(x.Rows(i, i+1))
	}
	return func(a, b int) float64 {
		if l := lengths[a] * lengths[b]; l != 0 {
			return tensor.Dot(x.Rows(a, a+1), x.Rows(b, b+1)) / l
		}
		return 0
	}
}

// Verification is how well a score tells similar pairs from dissimilar ones.
type Verification struct {
	AUC    float64   // mean over the folds; 0.5 is chance
	Spread float64   // their standard deviation; 0 of one fold
	Folds  []float64 // of each
	ROC    Curve     // mean over the folds
	Pairs  [2]int    // how many similar and dissimilar ones there were in all
}

// Verify scores pairs. Reed et al. 2016, §5.1. The AUC is NaN if a score is; it panics if there are no folds or a fold lacks
// pairs of a kind.
func Verify(folds []Fold, score Score) Verification {
	if len(folds) == 0 {
		panic("style.Verify: no folds")
	}
	var v Verification
	var curves []Curve
	scores := func(pairs []Pair) []float64 {
		if len(pairs) == 0 {
			panic("style.Verify: want similar and dissimilar pairs in each fold")
		}
		out := make([]float64, len(pairs))
		for i, p := range pairs {
			out[i] = score(p.A, p.B)
		}
		return out
	}
	for _, f := range folds {
		similar, dissimilar := scores(f.Similar), scores(f.Dissimilar)
		v.Pairs[0] += len(similar)
		v.Pairs[1] += len(dissimilar)
		v.Folds = append(v.Folds, AUC(similar, dissimilar))
		curves = append(curves, ROC(similar, dissimilar))
	}
	v.AUC = stat.Mean(v.Folds, nil)
	if len(folds) > 1 {
		v.Spread = stat.StdDev(v.Folds, nil)
	}
	if !math.IsNaN(v.AUC) {
		v.ROC = meanCurve(curves)
	}
	return v
}

// String gives the figure with what it was computed from.
func (v Verification) String() string {
	return fmt.Sprintf("AUC %.3f ± %.3f over %d folds (%d similar and %d dissimilar pairs)",
		v.AUC, v.Spread, len(v.Folds), v.Pairs[0], v.Pairs[1])
}
