package charcnnrnn

import (
	"runtime"
	"sync"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// chunk is how many captions are encoded at once, which bounds the memory.
const chunk = 64

// Encode returns the vectors (len(captions),Out) of captions, in inference. Of a one-hot row only one number counts, so the
// first convolution adds up four rows of its weight for each step instead of multiplying with 70 columns; the result differs
// from that of [Encoder.Forward] by rounding only. The vector of a caption does not depend on the others.
func (e *Encoder) Encode(captions []string) *tensor.Tensor {
	y := tensor.New(len(captions), e.Options.Out)
	for lo := 0; lo < len(captions); lo += chunk {
		hi := min(lo+chunk, len(captions))
		copy(y.Rows(lo, hi).Data(), e.rest(autograd.Const(e.first(captions[lo:hi])), nil).Value().Data())
	}
	return y
}

// first is the first convolution with its ReLU and its pooling, by lookup.
func (e *Encoder) first(captions []string) *tensor.Tensor {
	length, channels := e.Options.Length, e.Options.Conv[0]
	steps := (length - 3) / 3
	w, bias := e.Conv1.Weight.Value().Data(), e.Conv1.Bias.Value().Data()
	y := tensor.New(len(captions), steps, channels)

	one := func(i int) {
		columns := Columns(captions[i], length)
		sum := make([]float32, channels)
		for s := range steps {
			best := y.Data()[(i*steps+s)*channels:][:channels] // 0 to begin with, which makes the maximum a ReLU, too
			for t := 3 * s; t < 3*s+3; t++ {
				copy(sum, bias)
				for k := range 4 {
					if c := columns[t+k]; c >= 0 {
						row := w[(k*Symbols+c)*channels:][:len(sum)]
						for j, v := range row {
							sum[j] += v
						}
					}
				}
				for j, v := range sum {
					best[j] = max(best[j], v)
				}
			}
		}
	}
	workers := min(runtime.GOMAXPROCS(0), len(captions))
	var wait sync.WaitGroup
	for k := range workers {
		wait.Go(func() {
			for i := k; i < len(captions); i += workers {
				one(i)
			}
		})
	}
	wait.Wait()
	return y
}
