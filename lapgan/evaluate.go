package lapgan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/tensor"
)

// Score is the approximate Parzen score by which the code of LAPGAN chooses a checkpoint: the mean over examples of the
// smallest distance between the true image and the low-pass image with each of so many drawn residuals; 0 draws mean 128.
// Lower is better. Denton et al. 2015, in the released code, with 200 validation images.
func Score(l Level, examples Batch, draws int, rng *rand.Rand) (metric.Figure, error) {
	draws = orElse(draws, 128)
	return metric.ApproximateParzen(examples.Len(), func(i int) (truth, drawn *tensor.Tensor, err error) {
		// Distances between images with the same low-pass part are those between residuals.
		return examples.Target.Rows(i, i+1), l.Sample(repeat(examples.Given(), i, draws), rng), nil
	})
}

// repeat returns condition i n times.
func repeat(g Given, i, n int) Given {
	index := make([]int, n)
	out := Given{N: n}
	for k := range index {
		index[k] = i
		if g.Classes != nil {
			out.Classes = append(out.Classes, g.Classes[i])
		}
	}
	if g.Low != nil {
		out.Low = tensor.Gather(g.Low, index)
	}
	if g.Vectors != nil {
		out.Vectors = tensor.Gather(g.Vectors, index)
	}
	return out
}

// LikelihoodOptions are the choices of [LogLikelihood].
type LikelihoodOptions struct {
	Draws  int       // N, samples for each point; 0 means 256
	Sigmas []float64 // to choose from at every level; nil means 27 from 0.01 to 4 at equal ratios: fine residuals need narrow windows
	Exact  bool      // take LogProb of levels that know it instead of a Parzen estimate
}

func (o LikelihoodOptions) sigmas() []float64 {
	if o.Sigmas != nil {
		return o.Sigmas
	}
	out := make([]float64, 27)
	for i := range out {
		out[i] = math.Pow(10, float64(i)/10-2)
	}
	return out
}

// LogLikelihood returns the log-likelihood of images under a pyramid, factorised over its levels,
//
//	ln p(I) = ln p(I_K) + Σ_k ln p(h_k | l_k)
//
// where each factor is a Parzen estimate from samples of the level drawn with the true low-pass image: one figure in nats for
// each level, from coarse to fine, and then their sum. σ of a level is the one under which the validation images are likeliest;
// the protocol names it with the number of samples N and of dimensions D, on all of which the figures depend. Images are
// normalised, (N,H,W,C), of the pyramid's finest size; classes are nil where there are none. Denton et al. 2015, §5.1.
func LogLikelihood(p Pyramid, validation, test *tensor.Tensor, validationClasses, testClasses []int, o LikelihoodOptions, rng *rand.Rand) ([]metric.Figure, error) {
	p.check()
	for _, x := range []*tensor.Tensor{validation, test} {
		if side := p.Finest(); x.Rank() != 4 || x.Dim(0) < 1 || x.Dim(1) != side || x.Dim(2) != side {
			return nil, fmt.Errorf("lapgan: likelihood of images %s under a pyramid up to %d×%d", tensor.Format(x.Shape()), side, side)
		}
	}
	n := orElse(o.Draws, 256)
	var figures []metric.Figure
	total := make([]float64, test.Dim(0))
	for k, side := range p.Sizes {
		points := Examples(test, p.Sizes, k, p.Operator, testClasses)
		dims := points.Target.Len() / points.Len()
		var ll []float64
		var protocol, warning string
		if l, ok := p.Levels[k].(Likelihood); ok && o.Exact {
			ll = l.LogProb(points.Target, points.Given())
			protocol = fmt.Sprintf("exact, D %d", dims)
		} else {
			sigma := bestSigma(p.Levels[k], Examples(validation, p.Sizes, k, p.Operator, validationClasses), n, o.sigmas(), rng)
			ll = parzen(p.Levels[k], points, n, []float64{sigma}, rng)[0]
			protocol = fmt.Sprintf("Parzen σ %.4g, N %d, D %d", sigma, n, dims)
			if s := o.sigmas(); len(s) > 1 && (sigma == slices.Min(s) || sigma == slices.Max(s)) {
				warning = "the best σ is at the end of those tried"
			}
		}
		for i, v := range ll {
			total[i] += v
		}
		f := figure(fmt.Sprintf("ln p at %d×%d", side, side), ll, protocol)
		f.Warning = warning
		figures = append(figures, f)
	}
	return append(figures, figure("ln p, factorised", total, fmt.Sprintf("sum over %d sizes", len(p.Sizes)))), nil
}

// bestSigma returns the σ with the highest mean log-likelihood of examples.
func bestSigma(l Level, examples Batch, n int, sigmas []float64, rng *rand.Rand) float64 {
	best, at := math.Inf(-1), sigmas[0]
	for s, ll := range parzen(l, examples, n, sigmas, rng) {
		if mean, _ := meanError(ll); mean > best {
			best, at = mean, sigmas[s]
		}
	}
	return at
}

// parzen returns the Parzen log-likelihood of every example for every σ, each from n draws under its condition.
func parzen(l Level, examples Batch, n int, sigmas []float64, rng *rand.Rand) [][]float64 {
	out := make([][]float64, len(sigmas))
	given := examples.Given()
	var draws *tensor.Tensor
	for i := range examples.Len() {
		if i == 0 || given.Low != nil || given.Classes != nil {
			draws = l.Sample(repeat(given, i, n), rng)
		}
		for s, sigma := range sigmas {
			out[s] = append(out[s], metric.Parzen{Samples: draws, Sigma: sigma}.LogLikelihood(examples.Target.Rows(i, i+1))[0])
		}
	}
	return out
}

func figure(name string, ll []float64, protocol string) metric.Figure {
	mean, spread := meanError(ll)
	return metric.Figure{Name: name, Value: mean, Spread: spread, Protocol: fmt.Sprintf("nats, %s, %d images, ± standard error", protocol, len(ll))}
}

// meanError returns the mean of x and its standard error.
func meanError(x []float64) (mean, spread float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		spread += (v - mean) * (v - mean)
	}
	if len(x) < 2 {
		return mean, 0
	}
	return mean, math.Sqrt(spread/float64(len(x)-1)) / math.Sqrt(float64(len(x)))
}
