package metric

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor"
)

// Parzen is a density with a Gaussian of one width at every sample.
type Parzen struct {
	Samples *tensor.Tensor // (N, …); each row is a point of D numbers
	Sigma   float64
}

// LogLikelihood returns, in nats, for each row x of points (M, …),
//
//	ln 1/N Σ_j exp(−½‖(x−μ_j)/σ‖²) − D·ln(σ√(2π))
//
// computed without underflow. It panics unless there are samples, of as many numbers as the points, and σ is positive.
func (p Parzen) LogLikelihood(points *tensor.Tensor) []float64 {
	return parzen("metric.Parzen.LogLikelihood", p.Samples, points, []float64{p.Sigma})[0]
}

// parzen returns the log-likelihood of each point for each σ.
func parzen(op string, samples, points *tensor.Tensor, sigmas []float64) [][]float64 {
	n := samples.Dim(0)
	if n == 0 || points.Dim(0) == 0 || samples.Len()/n != points.Len()/points.Dim(0) {
		panic(fmt.Sprintf("%s: points %s under samples %s", op, tensor.Format(points.Shape()), tensor.Format(samples.Shape())))
	}
	d := samples.Len() / n
	out := make([][]float64, len(sigmas))
	type running struct{ largest, sum float64 } // Σ exp(v) is sum·exp(largest)
	sums := make([][]running, len(sigmas))
	for s, sigma := range sigmas {
		if !(sigma > 0) {
			panic(fmt.Sprintf("%s: σ must be positive, got %g", op, sigma))
		}
		out[s] = make([]float64, points.Dim(0))
		sums[s] = make([]running, points.Dim(0))
		for i := range sums[s] {
			sums[s][i].largest = math.Inf(-1)
		}
	}
	distances(points.Reshape(points.Dim(0), d), samples.Reshape(n, d), func(i, _ int, dist []float64) {
		nearest := math.Inf(1)
		for _, v := range dist {
			nearest = min(nearest, v)
		}
		for s, sigma := range sigmas {
			scale := -0.5 / (sigma * sigma)
			r := &sums[s][i]
			if top := nearest * scale; top > r.largest {
				r.sum *= math.Exp(r.largest - top)
				r.largest = top
			}
			for _, v := range dist {
				r.sum += math.Exp(v*scale - r.largest)
			}
		}
	})
	for s, sigma := range sigmas {
		norm := math.Log(float64(n)) + float64(d)*math.Log(sigma*math.Sqrt(2*math.Pi))
		for i, r := range sums[s] {
			out[s][i] = r.largest + math.Log(r.sum) - norm
		}
	}
	return out
}

// ParzenOptions are the choices of [ParzenLogLikelihood]. The zero value is the protocol of the GAN paper's code.
type ParzenOptions struct {
	Sigmas     []float64 // to choose from; nil means 10 from 0.1 to 1, at equal ratios
	Validation int       // points that σ is chosen on, the first ones; 0 means 1000, or all if there are fewer
}

// ParzenLogLikelihood returns the mean log-likelihood, in nats, of test points (M, …) under Gaussian windows around
// generated samples (N, …), with the σ under which that of the first validation points is highest. The spread is the
// standard error. The paper draws 10,000 samples. The figure is a poor measure in high dimensions, and depends on N and σ,
// which the protocol names. NaN and mismatched sizes are errors. Goodfellow et al. 2014, §5.
func ParzenLogLikelihood(samples, validation, test *tensor.Tensor, o ParzenOptions) (Figure, error) {
	for name, x := range map[string]*tensor.Tensor{"samples": samples, "validation points": validation, "test points": test} {
		switch {
		case x.Rank() < 2 || x.Len() == 0:
			return Figure{}, fmt.Errorf("metric: Parzen windows: no %s: %s", name, tensor.Format(x.Shape()))
		case x.Len()/x.Dim(0) != samples.Len()/max(samples.Dim(0), 1):
			return Figure{}, fmt.Errorf("metric: Parzen windows: %s are %s, samples %s",
				name, tensor.Format(x.Shape()), tensor.Format(samples.Shape()))
		case !tensor.AllFinite(x):
			return Figure{}, fmt.Errorf("metric: Parzen windows: %s hold NaN or infinities", name)
		}
	}
	sigmas := o.Sigmas
	if sigmas == nil {
		sigmas = logSpace(0.1, 1, 10)
	}
	for _, s := range sigmas {
		if !(s > 0) || math.IsInf(s, 1) {
			return Figure{}, fmt.Errorf("metric: Parzen windows of σ = %g", s)
		}
	}
	if len(sigmas) == 0 {
		return Figure{}, fmt.Errorf("metric: Parzen windows: no σ to choose from")
	}
	count := o.Validation
	if count == 0 {
		count = 1000
	}
	if count < 0 {
		return Figure{}, fmt.Errorf("metric: Parzen windows: σ chosen on %d points", count)
	}
	count = min(count, validation.Dim(0))
	best, highest := 0, math.Inf(-1)
	for s, ll := range parzen("metric.ParzenLogLikelihood", samples, validation.Rows(0, count), sigmas) {
		if mean, _ := meanStd(ll); mean > highest {
			best, highest = s, mean
		}
	}
	mean, std := meanStd(Parzen{samples, sigmas[best]}.LogLikelihood(test))
	f := Figure{Name: "Parzen log-likelihood", Value: mean, Spread: std / math.Sqrt(float64(test.Dim(0))), Protocol: protocol(
		"nats", fmt.Sprintf("%d samples", samples.Dim(0)), fmt.Sprintf("%d dimensions", samples.Len()/samples.Dim(0)),
		fmt.Sprintf("σ = %.4g of %d from %.4g to %.4g, chosen on %d points", sigmas[best], len(sigmas), sigmas[0], sigmas[len(sigmas)-1], count),
		fmt.Sprintf("%d test points", test.Dim(0)), "± standard error")}
	if len(sigmas) > 1 && (best == 0 || best == len(sigmas)-1) {
		f.Warning = "the best σ is at the end of those tried"
	}
	return f, nil
}

// logSpace returns n numbers from lo to hi at equal ratios.
func logSpace(lo, hi float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = lo * math.Pow(hi/lo, float64(i)/float64(n-1))
	}
	return out
}
