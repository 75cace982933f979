package metric

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/gander-ml/gander/tensor"
)

// ManifoldOptions are the choices of [PrecisionRecall]. The zero value is the paper's.
type ManifoldOptions struct {
	K int // neighbours; 0 means 3
}

// PrecisionRecall returns the share of generated pictures that lie among the real ones (precision: how good they are) and
// the share of real pictures that lie among the generated ones (recall: how much they cover). A picture lies among others
// if its features are no farther from those of one of them than that one's K-th neighbour among them. It is an error if
// the networks differ or if a set has no more than K pictures. Both figures depend on the numbers of pictures: compare
// figures of equal numbers only. Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative
// models".
func PrecisionRecall(real, fake *Features, o ManifoldOptions) (precision, recall Figure, err error) {
	if err := sameSpace(real.Network, fake.Network, real.Dims(), fake.Dims()); err != nil {
		return precision, recall, err
	}
	k := o.K
	if k == 0 {
		k = 3
	}
	if n := min(real.Len(), fake.Len()); k < 1 || n <= k {
		return precision, recall, fmt.Errorf(
			"metric: precision and recall of %d pictures with %d neighbours; want at least 1 neighbour, and more pictures than those", n, k)
	}
	how := protocol("network "+real.Network, fmt.Sprintf("%d dimensions", real.Dims()), fmt.Sprintf("k = %d", k),
		fmt.Sprintf("%d real and %d generated pictures", real.Len(), fake.Len()))
	precision = Figure{Name: "precision", Value: inside(fake.X, real.X, radii(real.X, k)), Protocol: how}
	recall = Figure{Name: "recall", Value: inside(real.X, fake.X, radii(fake.X, k)), Protocol: how}
	return precision, recall, nil
}

// radii returns the squared distance of each row from its k-th neighbour among the others.
func radii(x *tensor.Tensor, k int) []float64 {
	out := make([]float64, x.Dim(0))
	nearest := make([][]float64, x.Dim(0)) // the smallest k so far, in order
	distances(x, x, func(i, first int, d []float64) {
		best := nearest[i]
		for j, v := range d {
			if first+j == i || len(best) == k && v >= best[k-1] {
				continue
			}
			at, _ := slices.BinarySearch(best, v)
			best = slices.Insert(best, at, v)
			best = best[:min(len(best), k)]
		}
		nearest[i] = best
	})
	for i, best := range nearest {
		out[i] = best[k-1]
	}
	return out
}

// inside returns the share of the rows of x that are within the radius of a row of y.
func inside(x, y *tensor.Tensor, radius []float64) float64 {
	in := make([]bool, x.Dim(0))
	distances(x, y, func(i, first int, d []float64) {
		for j, v := range d {
			in[i] = in[i] || v <= radius[first+j]
		}
	})
	count := 0
	for _, yes := range in {
		if yes {
			count++
		}
	}
	return float64(count) / float64(len(in))
}

const (
	rowBlock    = 128
	columnBlock = 1024
)

// distances hands out the squared Euclidean distances of the rows of x from those of y: f(i, first, d) gets those of row i
// from the rows first, first+1, …, in rising order of first for each i. Different i may come from different goroutines.
// Memory does not grow with the number of rows.
func distances(x, y *tensor.Tensor, f func(i, first int, d []float64)) {
	n, m := x.Dim(0), y.Dim(0)
	normX, normY := norms(x), norms(y)
	blocks(n, rowBlock, func(lo, hi int) {
		a := wide(x.Rows(lo, hi))
		product := mat.NewDense(hi-lo, min(m, columnBlock), nil)
		for first := 0; first < m; first += columnBlock {
			last := min(first+columnBlock, m)
			dots := product.Slice(0, hi-lo, 0, last-first).(*mat.Dense)
			dots.Mul(a, wide(y.Rows(first, last)).T())
			for i := range hi - lo {
				row := dots.RawRowView(i)
				for j, dot := range row {
					row[j] = distance(normX[lo+i], normY[first+j], dot)
				}
				f(lo+i, first, row)
			}
		}
	})
}

// distance returns ‖x−y‖² given ‖x‖², ‖y‖² and x·y. What rounding leaves of the difference of equal points is 0.
func distance(xx, yy, xy float64) float64 {
	const rounding = 1e-13
	d := xx + yy - 2*xy
	if d <= rounding*(xx+yy) {
		return 0
	}
	return d
}

func norms(x *tensor.Tensor) []float64 {
	out := make([]float64, x.Dim(0))
	for i := range out {
		for _, v := range x.Rows(i, i+1).Data() {
			out[i] += float64(v) * float64(v)
		}
	}
	return out
}

// ApproximateParzen returns LAPGAN's score for choosing a checkpoint: the mean, over n held-out pictures, of the smallest
// Euclidean distance between a picture and the pictures that were drawn for it. draw returns the picture, of any shape, and
// the drawn ones, (M, …). Lower is better. Denton et al. 2015, in the released code.
func ApproximateParzen(n int, draw func(i int) (truth, drawn *tensor.Tensor, err error)) (Figure, error) {
	if n < 1 {
		return Figure{}, fmt.Errorf("metric: approximate Parzen score of %d pictures", n)
	}
	mins := make([]float64, n)
	count := 0
	for i := range mins {
		truth, drawn, err := draw(i)
		if err != nil {
			return Figure{}, fmt.Errorf("metric: picture %d: %w", i, err)
		}
		m := drawn.Dim(0)
		if m == 0 || drawn.Len() != m*truth.Len() || i > 0 && m != count {
			return Figure{}, fmt.Errorf("metric: picture %d: cannot compare %s with the draws %s",
				i, tensor.Format(truth.Shape()), tensor.Format(drawn.Shape()))
		}
		count = m
		best := math.Inf(1)
		for k := range m {
			sum := 0.0
			for j, v := range drawn.Rows(k, k+1).Data() {
				d := float64(v) - float64(truth.Data()[j])
				sum += d * d
			}
			if math.IsNaN(sum) {
				return Figure{}, fmt.Errorf("metric: picture %d or draw %d of it holds NaN", i, k)
			}
			best = min(best, sum)
		}
		mins[i] = math.Sqrt(best)
	}
	mean, std := meanStd(mins)
	return Figure{Name: "approximate Parzen", Value: mean, Spread: std / math.Sqrt(float64(n)), Protocol: protocol(
		fmt.Sprintf("%d pictures", n), fmt.Sprintf("nearest of %d draws", count), "± standard error")}, nil
}
