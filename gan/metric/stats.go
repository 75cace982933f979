package metric

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/gander-ml/gander/tensor"
)

// Stats is the mean and the covariance of features, in float64, gathered a block at a time.
type Stats struct {
	Network string // that made the features

	n       int
	mean    []float64
	scatter *mat.SymDense // Σ (x−mean)(x−mean)ᵀ
}

// NewStats returns statistics of no features yet. It panics unless dims is positive.
func NewStats(network string, dims int) *Stats {
	if dims < 1 {
		panic(fmt.Sprintf("metric.NewStats: want a positive number of dimensions, got %d", dims))
	}
	return &Stats{Network: network, mean: make([]float64, dims), scatter: mat.NewSymDense(dims, nil)}
}

// Len returns the number of rows gathered.
func (s *Stats) Len() int { return s.n }

// Dims returns the number of features.
func (s *Stats) Dims() int { return len(s.mean) }

// Mean returns a copy of the mean.
func (s *Stats) Mean() []float64 { return append([]float64(nil), s.mean...) }

// Covariance returns the covariance over N−1. It panics with fewer than two rows.
func (s *Stats) Covariance() *mat.SymDense {
	if s.n < 2 {
		panic(fmt.Sprintf("metric.Stats.Covariance: want at least 2 rows, got %d", s.n))
	}
	c := mat.NewSymDense(s.Dims(), nil)
	c.ScaleSym(1/float64(s.n-1), s.scatter)
	return c
}

// Add gathers the rows of x (N, D). It panics unless x has as many columns as there are features, and returns an error,
// without gathering anything, if one of them is NaN or infinite.
func (s *Stats) Add(x *tensor.Tensor) error {
	d := s.Dims()
	if x.Rank() != 2 || x.Dim(1) != d {
		panic(fmt.Sprintf("metric.Stats.Add: want (N,%d), got %s", d, tensor.Format(x.Shape())))
	}
	if err := finite(s.Network, x, s.n); err != nil {
		return err
	}
	n := x.Dim(0)
	if n == 0 {
		return nil
	}
	block := NewStats(s.Network, d)
	block.n = n
	centred := wide(x)
	for i := range n {
		for k, v := range centred.RawRowView(i) {
			block.mean[k] += v
		}
	}
	for k := range block.mean {
		block.mean[k] /= float64(n)
	}
	for i := range n {
		for k := range centred.RawRowView(i) {
			centred.RawRowView(i)[k] -= block.mean[k]
		}
	}
	var product mat.Dense
	product.Mul(centred.T(), centred)
	for i := range d {
		for k := i; k < d; k++ {
			block.scatter.SetSym(i, k, product.At(i, k))
		}
	}
	s.merge(block)
	return nil
}

// Merge gathers what o has gathered. It is an error if they are of different networks.
func (s *Stats) Merge(o *Stats) error {
	if err := sameSpace(s.Network, o.Network, s.Dims(), o.Dims()); err != nil {
		return err
	}
	s.merge(o)
	return nil
}

// merge is the pairwise update of Chan, Golub & LeVeque 1979, which loses nothing where means are large.
func (s *Stats) merge(o *Stats) {
	if o.n == 0 {
		return
	}
	total := float64(s.n + o.n)
	shift := make([]float64, len(s.mean))
	for k := range shift {
		shift[k] = o.mean[k] - s.mean[k]
	}
	s.scatter.AddSym(s.scatter, o.scatter)
	s.scatter.SymRankOne(s.scatter, float64(s.n)*float64(o.n)/total, mat.NewVecDense(len(shift), shift))
	for k := range shift {
		s.mean[k] += shift[k] * float64(o.n) / total
	}
	s.n += o.n
}

// wide returns a matrix of float64 with the rows of x.
func wide(x *tensor.Tensor) *mat.Dense {
	m := mat.NewDense(x.Dim(0), x.Len()/x.Dim(0), nil)
	raw := m.RawMatrix().Data
	for i, v := range x.Data() {
		raw[i] = float64(v)
	}
	return m
}
