package metric

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Features is what a network sees in pictures, one row for each: what distances that look at single pictures need.
type Features struct {
	Network string         // its name
	X       *tensor.Tensor // (N, D)
}

// Extract returns the features of pictures. Those that are NaN or infinite are an error that names them.
func Extract(net Network, m Images) (*Features, error) {
	f := &Features{Network: net.Name()}
	err := eachFeatures(net, m, func(lo int, x *tensor.Tensor) error {
		if f.X == nil {
			f.X = tensor.New(m.Len(), x.Dim(1))
		}
		if x.Dim(1) != f.X.Dim(1) {
			return fmt.Errorf("metric: network %q made %d features and then %d", f.Network, f.X.Dim(1), x.Dim(1))
		}
		f.X.Rows(lo, lo+x.Dim(0)).CopyFrom(x)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Stats returns the statistics of the features.
func (f *Features) Stats() (*Stats, error) {
	s := NewStats(f.Network, f.X.Dim(1))
	for lo := 0; lo < f.X.Dim(0); lo += Block {
		if err := s.Add(f.X.Rows(lo, min(lo+Block, f.X.Dim(0)))); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Len returns the number of pictures.
func (f *Features) Len() int { return f.X.Dim(0) }

// Dims returns the number of features of a picture.
func (f *Features) Dims() int { return f.X.Dim(1) }

// Measure returns the statistics of the features of pictures, without keeping the features.
func Measure(net Network, m Images) (*Stats, error) {
	var s *Stats
	err := eachFeatures(net, m, func(_ int, x *tensor.Tensor) error {
		if s == nil {
			s = NewStats(net.Name(), x.Dim(1))
		}
		return s.Add(x)
	})
	return s, err
}

// eachFeatures hands the features of the pictures to f, block by block. They are valid until f returns.
func eachFeatures(net Network, m Images, f func(lo int, x *tensor.Tensor) error) error {
	return eachOutput(net.Name(), net.Features, m, f)
}

// eachOutput runs a network over the pictures, block by block.
func eachOutput(
	name string, forward func(*autograd.Var, *nn.Pass) *autograd.Var, m Images, f func(lo int, y *tensor.Tensor) error,
) error {
	tape := autograd.NewTape() // for its memory; nothing is recorded
	return eachBlock(m, func(lo int, x *tensor.Tensor) error {
		y := forward(tape.Const(x), nil).Value()
		if y.Rank() != 2 || y.Dim(0) != x.Dim(0) || y.Dim(1) == 0 {
			return fmt.Errorf("metric: network %q made %s of %d pictures; want (N,D)", name, tensor.Format(y.Shape()), x.Dim(0))
		}
		if err := finite(name, y, lo); err != nil {
			return err
		}
		if err := f(lo, y); err != nil {
			return err
		}
		tape.Reset()
		return nil
	})
}

func finite(name string, y *tensor.Tensor, first int) error {
	if tensor.AllFinite(y) {
		return nil
	}
	for i, v := range y.Data() {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("metric: output %d of network %q for picture %d is %v", i%y.Dim(1), name, first+i/y.Dim(1), v)
		}
	}
	return nil
}

// sameSpace returns an error unless features can be compared.
func sameSpace(a, b string, dimsA, dimsB int) error {
	if a != b || dimsA != dimsB {
		return fmt.Errorf("metric: features of network %q (%d) cannot be compared with those of %q (%d)", a, dimsA, b, dimsB)
	}
	return nil
}
