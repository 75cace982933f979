package metric

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// KIDOptions are the choices of [KID]. The zero value is the paper's.
type KIDOptions struct {
	Subsets int    // 0 means 100
	Size    int    // pictures of each kind in a subset; 0 means 1000, or all if there are fewer
	Seed    uint64 // of the subsets
}

// KID returns the kernel distance between real and generated pictures: the mean over random subsets of the unbiased
// estimate of the squared maximum mean discrepancy under the kernel k(x, y) = (x·y/D + 1)³,
//
//	Σ_{i≠j} k(xᵢ,xⱼ)/(n(n−1)) + Σ_{i≠j} k(yᵢ,yⱼ)/(n(n−1)) − 2 Σ k(xᵢ,yⱼ)/n²
//
// and its standard deviation over the subsets. It does not depend on the number of pictures in expectation, and is 0 on
// average, hence sometimes negative, for two samples of the same distribution. It is an error if the networks differ or if
// there are fewer than two pictures. Bińkowski et al. 2018, "Demystifying MMD GANs".
func KID(real, fake *Features, o KIDOptions) (Figure, error) {
	if err := sameSpace(real.Network, fake.Network, real.Dims(), fake.Dims()); err != nil {
		return Figure{}, err
	}
	n := min(real.Len(), fake.Len())
	if n < 2 {
		return Figure{}, fmt.Errorf("metric: KID of %d pictures; it needs at least 2", n)
	}
	size, subsets := o.Size, o.Subsets
	if size == 0 {
		size = min(1000, n)
	}
	if subsets == 0 {
		subsets = 100
	}
	if size < 2 || subsets < 1 || size > n {
		return Figure{}, fmt.Errorf("metric: KID over %d subsets of %d of %d pictures; want subsets of 2 to %d", subsets, size, n, n)
	}
	values := make([]float64, subsets)
	for i := range values {
		rng := data.Stream(o.Seed, uint64(i))
		values[i] = mmd(rows(real.X, size, rng), rows(fake.X, size, rng))
	}
	mean, std := meanStd(values)
	return Figure{Name: "KID", Value: mean, Spread: std, Protocol: protocol(
		"network "+real.Network, fmt.Sprintf("%d dimensions", real.Dims()), "cubic kernel",
		fmt.Sprintf("%d real and %d generated pictures", real.Len(), fake.Len()),
		fmt.Sprintf("%d subsets of %d", subsets, size), fmt.Sprintf("seed %d", o.Seed), "± deviation over subsets")}, nil
}

// mmd returns the unbiased estimate of the squared discrepancy of two samples of equal size.
func mmd(x, y *mat.Dense) float64 {
	n, _ := x.Dims()
	m := float64(n)
	return kernelSum(x, x, true)/(m*(m-1)) + kernelSum(y, y, true)/(m*(m-1)) - 2*kernelSum(x, y, false)/(m*m)
}

// kernelSum returns the sum of the kernel over all pairs of rows, less those of a row with itself if off is set.
func kernelSum(x, y *mat.Dense, off bool) float64 {
	_, d := x.Dims()
	var gram mat.Dense
	gram.Mul(x, y.T())
	n, _ := gram.Dims()
	sum := 0.0
	for i := range n {
		row := 0.0
		for k, v := range gram.RawRowView(i) {
			if off && i == k {
				continue
			}
			v = v/float64(d) + 1
			row += v * v * v
		}
		sum += row
	}
	return sum
}

// rows returns n different rows of x at random.
func rows(x *tensor.Tensor, n int, rng *rand.Rand) *mat.Dense {
	order := rng.Perm(x.Dim(0))[:n]
	return wide(tensor.Gather(x, order))
}

// meanStd returns the mean and the population standard deviation.
func meanStd(v []float64) (mean, std float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	for _, x := range v {
		std += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(std / float64(len(v)))
}
