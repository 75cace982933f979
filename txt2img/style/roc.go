package style

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/floats"
)

// AUC is the area under the ROC curve: the probability that the score of a similar pair is higher than that of a dissimilar
// one, ties counted half (Mann & Whitney 1947). 0.5 is chance. It is NaN if there are no pairs of a kind, or if a score is.
func AUC(similar, dissimilar []float64) float64 {
	if len(similar) == 0 || len(dissimilar) == 0 || floats.HasNaN(similar) || floats.HasNaN(dissimilar) {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(dissimilar))
	// Whole numbers of halves, so that no rounding adds up.
	halves := int64(0)
	for _, s := range similar {
		below := sort.SearchFloat64s(sorted, s)
		upTo := below + sort.Search(len(sorted)-below, func(i int) bool { return sorted[below+i] > s })
		halves += int64(below + upTo)
	}
	return float64(halves) / 2 / float64(len(similar)) / float64(len(dissimilar))
}

// Curve is the points of an ROC curve from (0, 0) to (1, 1): for each threshold the shares of dissimilar pairs (False) and
// similar pairs (True) whose score reaches it.
type Curve struct{ False, True []float64 }

// ROC returns the curve of scores of which none is NaN. Pairs that tie are one point, so that the area under the line through
// the points is [AUC]. It is empty if there are no pairs of a kind, or if a score is NaN.
func ROC(similar, dissimilar []float64) Curve {
	if len(similar) == 0 || len(dissimilar) == 0 || floats.HasNaN(similar) || floats.HasNaN(dissimilar) {
		return Curve{}
	}
	up, down := slices.Sorted(slices.Values(similar)), slices.Sorted(slices.Values(dissimilar))
	c := Curve{False: []float64{0}, True: []float64{0}}
	// From the top, as many pairs at a time as share a score.
	for i, j := len(up), len(down); i > 0 || j > 0; {
		threshold := math.Inf(-1)
		if i > 0 {
			threshold = up[i-1]
		}
		if j > 0 {
			threshold = max(threshold, down[j-1])
		}
		for i > 0 && up[i-1] == threshold {
			i--
		}
		for j > 0 && down[j-1] == threshold {
			j--
		}
		c.False = append(c.False, 1-float64(j)/float64(len(down)))
		c.True = append(c.True, 1-float64(i)/float64(len(up)))
	}
	return c
}

// At returns the share of true alarms where that of false ones is at most x, on the line through the points.
func (c Curve) At(x float64) float64 {
	// The last point at or before x: of a vertical piece the upper end.
	i := sort.Search(len(c.False), func(i int) bool { return c.False[i] > x }) - 1
	if i < 0 {
		return math.NaN()
	}
	if i == len(c.False)-1 {
		return c.True[i]
	}
	t := (x - c.False[i]) / (c.False[i+1] - c.False[i])
	return c.True[i] + t*(c.True[i+1]-c.True[i])
}

// meanPoints is how many points a mean curve has after (0, 0).
const meanPoints = 201

// meanCurve averages curves vertically, at the same shares of false alarms. Fawcett 2006, §8.1.
func meanCurve(curves []Curve) Curve {
	out := Curve{False: []float64{0}, True: []float64{0}}
	for k := range meanPoints {
		x, y := float64(k)/(meanPoints-1), 0.0
		for _, c := range curves {
			y += c.At(x) / float64(len(curves))
		}
		out.False, out.True = append(out.False, x), append(out.True, y)
	}
	return out
}
