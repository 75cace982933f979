package style

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/gander-ml/gander/nn/data"
	"gonum.org/v1/gonum/floats"
)

// KMeans sorts points into clusters by Lloyd's algorithm, started by k-means++. The zero value is that of the paper's test
// of style. Arthur & Vassilvitskii 2007.
type KMeans struct {
	Clusters int    // 0 means 100
	Tries    int    // times it is done from other starts; the one with the least inertia counts; 0 means 5
	Rounds   int    // the most of a try; 0 means 300
	Seed     uint64 // fixes the starts: same seed and points, same clusters
}

// Clusters is what [KMeans] found. No cluster is empty.
type Clusters struct {
	Centres   [][]float64 // the mean of each cluster's points; fewer than asked for if the points have fewer different values
	Labels    []int       // the cluster of each point
	Inertia   float64     // the sum of squared distances of the points to their centres
	Converged bool        // whether each point is in the cluster whose centre is nearest, and not just out of rounds
}

// tooFar bounds coordinates, so that squares and their sums stay finite.
const tooFar = 1e100

// Run finds clusters of points of one dimension. It panics if there are no points, if their dimensions differ or if a
// coordinate is not a number below 1e100.
func (k KMeans) Run(points [][]float64) Clusters {
	if len(points) == 0 || k.Clusters < 0 || k.Tries < 0 || k.Rounds < 0 {
		panic(fmt.Sprintf("style.KMeans: %d points, options %+v", len(points), k))
	}
	for i, p := range points {
		if len(p) != len(points[0]) {
			panic(fmt.Sprintf("style.KMeans: point 0 has %d coordinates, point %d has %d", len(points[0]), i, len(p)))
		}
		for _, v := range p {
			if !(math.Abs(v) <= tooFar) {
				panic(fmt.Sprintf("style.KMeans: point %d has a coordinate %g", i, v))
			}
		}
	}
	var best Clusters
	for try := range either(k.Tries, 5) {
		c := lloyd(points, k.start(points, data.Stream(k.Seed, uint64(try))), either(k.Rounds, 300))
		if try == 0 || c.Inertia < best.Inertia {
			best = c
		}
	}
	return best
}

// start draws centres from the points, each with a probability in proportion to the squared distance from those drawn
// before. It stops early when every point is a centre.
func (k KMeans) start(points [][]float64, rng *rand.Rand) [][]float64 {
	centres := [][]float64{slices.Clone(points[rng.IntN(len(points))])}
	near := make([]float64, len(points))
	for i := range near {
		near[i] = math.Inf(1)
	}
	sums := make([]float64, len(points))
	for len(centres) < either(k.Clusters, 100) {
		for i, p := range points {
			near[i] = min(near[i], squared(p, centres[len(centres)-1]))
		}
		floats.CumSum(sums, near)
		total := sums[len(sums)-1]
		if total == 0 {
			break
		}
		u := rng.Float64() * total
		i := sort.Search(len(sums), func(i int) bool { return sums[i] > u })
		// Rounding could lead past the end, where no point is drawn.
		for i == len(points) || near[i] == 0 {
			i--
		}
		centres = append(centres, slices.Clone(points[i]))
	}
	return centres
}

// lloyd moves centres to the means of the points nearest to them until nothing changes. There are at least as many different
// points as centres.
func lloyd(points, centres [][]float64, rounds int) Clusters {
	c := Clusters{Centres: centres, Labels: make([]int, len(points))}
	counts, far := make([]int, len(centres)), make([]float64, len(points))
	for i := range c.Labels {
		c.Labels[i] = -1
	}
	for range rounds {
		clear(counts)
		changed := false
		for i, p := range points {
			label := 0
			far[i] = math.Inf(1)
			for j, q := range centres {
				if d := squared(p, q); d < far[i] {
					label, far[i] = j, d
				}
			}
			changed = changed || label != c.Labels[i]
			c.Labels[i] = label
			counts[label]++
		}
		for j, n := range counts {
			if n == 0 {
				c.fill(j, counts, far)
				changed = true
			}
		}
		if !changed {
			c.Converged = true
			break
		}
		for _, q := range centres {
			clear(q)
		}
		for i, p := range points {
			floats.Add(centres[c.Labels[i]], p)
		}
		for j, q := range centres {
			floats.Scale(1/float64(counts[j]), q)
		}
	}
	for i, p := range points {
		c.Inertia += squared(p, centres[c.Labels[i]])
	}
	return c
}

// fill gives an empty cluster the point that is farthest from its centre, of those that do not leave another one empty.
func (c *Clusters) fill(empty int, counts []int, far []float64) {
	worst := -1
	for i, d := range far {
		if counts[c.Labels[i]] > 1 && (worst < 0 || d > far[worst]) {
			worst = i
		}
	}
	counts[c.Labels[worst]]--
	counts[empty]++
	c.Labels[worst], far[worst] = empty, 0
}

// squared is the squared distance of two points.
func squared(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		d := v - b[i]
		sum += d * d
	}
	return sum
}

// Sort returns the cluster of each of a list of traits, such as the backgrounds of pictures, and −1 for those that are nil:
// pictures of which the trait is not known. All are −1 if none is known.
func (k KMeans) Sort(traits [][]float64) []int {
	labels := make([]int, len(traits))
	var known [][]float64
	var at []int
	for i, t := range traits {
		labels[i] = -1
		if t != nil {
			known, at = append(known, t), append(at, i)
		}
	}
	if len(known) == 0 {
		return labels
	}
	for i, label := range k.Run(known).Labels {
		labels[at[i]] = label
	}
	return labels
}
