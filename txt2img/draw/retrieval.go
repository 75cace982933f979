package draw

import (
	"fmt"
	"math"
	"slices"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Scores returns (K,N): for each of K texts, one to an element, the bound on ln p(picture | text) for each of N pictures
// (N,H,W,C), in nats, as one draw of the latent numbers estimates it. The draws are the same for all texts.
func (m *Model) Scores(pictures *tensor.Tensor, texts []Text, seed uint64) *tensor.Tensor {
	n := m.wantImages("draw.Model.Scores", pictures.Shape())
	out := tensor.New(len(texts), n)
	for k, t := range texts {
		b := m.Forward(autograd.Const(pictures), t.Repeat(n), data.Stream(seed))
		for i := range n {
			out.Set(-b.Reconstruction.Value().At(i)-b.Divergence.Value().At(i), k, i)
		}
	}
	return out
}

// Relative returns scores (K,N) less what each picture scores whatever the text says, ln (1/K) Σ_k exp(score): an estimate of
// ln p(picture | text)/p(picture), without which the simplest pictures would be the best answer to every caption.
func Relative(scores *tensor.Tensor) *tensor.Tensor {
	out := scores.Clone()
	for i := range scores.Dim(1) {
		most := math.Inf(-1)
		for k := range scores.Dim(0) {
			most = max(most, float64(scores.At(k, i)))
		}
		sum := 0.0
		for k := range scores.Dim(0) {
			sum += math.Exp(float64(scores.At(k, i)) - most)
		}
		any := most + math.Log(sum/float64(scores.Dim(0)))
		for k := range scores.Dim(0) {
			out.Set(float32(float64(scores.At(k, i))-any), k, i)
		}
	}
	return out
}

// Retrieved is how well captions find their own pictures, as in table 1 of Mansimov et al. 2016.
type Retrieved struct {
	At       map[int]float64 // share of captions whose picture is among the first 1, 5, 10 and 50, for those that are fewer than all
	Median   float64         // of the picture's rank, 1 is the best
	Captions int
	Pictures int
}

// Retrieve ranks pictures by scores (K,N). own is the picture of each caption. Equal scores share their ranks. It panics if there
// is not one for each.
func Retrieve(scores *tensor.Tensor, own []int) Retrieved {
	k, n := scores.Dim(0), scores.Dim(1)
	if len(own) != k {
		panic(fmt.Sprintf("draw.Retrieve: pictures of %d captions, scores %s", len(own), tensor.Format(scores.Shape())))
	}
	r := Retrieved{At: map[int]float64{}, Captions: k, Pictures: n}
	ranks := make([]float64, k)
	for c, i := range own {
		mine := scores.At(c, i)
		ranks[c] = 1
		for j, s := range scores.Rows(c, c+1).Data() {
			switch {
			case j == i:
			case s > mine || s != s:
				ranks[c]++
			case s == mine:
				ranks[c] += 0.5
			case !(s < mine): // mine is not a number
				ranks[c]++
			}
		}
		for _, at := range []int{1, 5, 10, 50} {
			if at < n && ranks[c] < float64(at)+0.5 {
				r.At[at] += 1 / float64(k)
			} else if at < n {
				r.At[at] += 0
			}
		}
	}
	slices.Sort(ranks)
	r.Median = (ranks[(k-1)/2] + ranks[k/2]) / 2
	return r
}

func (r Retrieved) String() string {
	s := ""
	for _, at := range []int{1, 5, 10, 50} {
		if v, ok := r.At[at]; ok {
			s += fmt.Sprintf("R@%d %.1f %%, ", at, 100*v)
		}
	}
	return fmt.Sprintf("%smedian rank %.4g of %d (by chance %.4g), %d captions", s, r.Median, r.Pictures, float64(r.Pictures+1)/2, r.Captions)
}
