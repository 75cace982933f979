package metric_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor"
)

// The statistics of the real pictures are gathered once; they can be saved with Save. A feature network of one's own takes
// the place of Pixels.
func ExampleFID() {
	real := synthetic.Digits(200, 1, synthetic.DigitOptions{Side: 8})
	ofReal, err := metric.Measure(metric.Pixels{}, real)
	if err != nil {
		panic(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	noise := metric.Generated(100, func(lo, hi int) (*tensor.Tensor, error) {
		return tensor.RandU(rng, 0, 1, hi-lo, 8, 8, 1), nil
	})
	ofNoise, err := metric.Measure(metric.Pixels{}, noise)
	if err != nil {
		panic(err)
	}
	fid, err := metric.FID(ofReal, ofNoise, metric.FIDOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s %.0f (%s)\n", fid.Name, fid.Value, fid.Protocol)
	// Output: FID 14 (network pixels, 64 dimensions, 200 real and 100 generated pictures, covariance over N−1)
}
