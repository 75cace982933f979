package metric

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor"
)

// ScoreOptions are the choices of [InceptionScore]. The zero value is the paper's.
type ScoreOptions struct {
	Splits int // parts of the pictures that are scored apart; 0 means 10
}

// InceptionScore returns the score
//
//	exp(E KL(p(y|x) ‖ p(y)))
//
// of pictures under a judge, between 1 and the number of its classes: high if single pictures are recognised with
// certainty and all classes occur. p(y) is the mean over a split; the figure is the mean over the splits and its spread
// their deviation. Only with the Inception network of the paper are figures comparable with published ones. It is an error
// if there are fewer pictures than splits. Salimans et al. 2016, "Improved techniques for training GANs", §4.
func InceptionScore(judge Recogniser, m Images, o ScoreOptions) (Figure, error) {
	splits := o.Splits
	if splits == 0 {
		splits = 10
	}
	n := m.Len()
	if splits < 1 || n < splits {
		return Figure{}, fmt.Errorf("metric: score of %d pictures in %d splits", n, splits)
	}
	p, err := probabilities(judge, m)
	if err != nil {
		return Figure{}, err
	}
	scores := make([]float64, splits)
	for i := range scores {
		scores[i] = score(p[i*n/splits : (i+1)*n/splits])
	}
	mean, std := meanStd(scores)
	return Figure{Name: "inception-style score", Value: mean, Spread: std, Protocol: protocol(
		"judge "+judge.Name(), fmt.Sprintf("%d classes", len(p[0])), fmt.Sprintf("%d pictures", n),
		fmt.Sprintf("%d splits", splits), "± deviation over splits")}, nil
}

// score returns exp of the mean divergence of the rows of p, logarithms of probabilities, from their mean.
func score(p [][]float64) float64 {
	mean := make([]float64, len(p[0]))
	for _, row := range p {
		for k, v := range row {
			mean[k] += math.Exp(v) / float64(len(p))
		}
	}
	sum := 0.0
	for _, row := range p {
		for k, v := range row {
			if q := math.Exp(v); q > 0 {
				sum += q * (v - math.Log(mean[k]))
			}
		}
	}
	return math.Exp(sum / float64(len(p)))
}

// probabilities returns ln p(y|x) of each picture.
func probabilities(judge Recogniser, m Images) ([][]float64, error) {
	var out [][]float64
	err := eachOutput(judge.Name(), judge.Forward, m, func(_ int, y *tensor.Tensor) error {
		for i := range y.Dim(0) {
			row := make([]float64, y.Dim(1))
			for k, v := range y.Rows(i, i+1).Data() {
				row[k] = float64(v)
			}
			norm := logSumExp(row)
			for k := range row {
				row[k] -= norm
			}
			out = append(out, row)
		}
		return nil
	})
	return out, err
}

// logSumExp returns ln Σ eᵛ. The largest is taken out first, so that nothing overflows and something is left.
func logSumExp(v []float64) float64 {
	largest := math.Inf(-1)
	for _, x := range v {
		largest = max(largest, x)
	}
	if math.IsInf(largest, -1) {
		return largest
	}
	sum := 0.0
	for _, x := range v {
		sum += math.Exp(x - largest)
	}
	return largest + math.Log(sum)
}
