package metric

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

func pr(t *testing.T, real, fake *tensor.Tensor) (float64, float64) {
	p, r, err := PrecisionRecall(&Features{"test", real}, &Features{"test", fake}, ManifoldOptions{})
	require.NoError(t, err)
	return p.Value, r.Value
}

func TestPrecisionAndRecall(t *testing.T) {
	x := tensor.RandN(newRand(1), 400, 6)
	p, r := pr(t, x, x.Clone())
	require.Equal(t, []float64{1, 1}, []float64{p, r}, "a set and itself")
	p, r = pr(t, x, tensor.Affine(x, 1, 100))
	require.Equal(t, []float64{0, 0}, []float64{p, r}, "two sets far apart")

	// A generator that makes only a small part of the real thing is precise and has little recall, and the other way about.
	part := tensor.Affine(tensor.RandN(newRand(2), 400, 6), 0.1, 0)
	p, r = pr(t, x, part)
	require.Greater(t, p, 0.99)
	require.Less(t, r, 0.05)
	p, r = pr(t, part, x)
	require.Less(t, p, 0.05)
	require.Greater(t, r, 0.99)
}

func TestPrecisionAndRecallOfCopies(t *testing.T) {
	// Every radius is 0, and equal points are still inside.
	x := tensor.RandN(newRand(1), 1, 5)
	all := make([]*tensor.Tensor, 9)
	for i := range all {
		all[i] = x
	}
	same := tensor.Concat(0, all...)
	p, r := pr(t, same, same.Clone())
	require.Equal(t, []float64{1, 1}, []float64{p, r})
}

func TestRadiiAreThoseOfTheDefinition(t *testing.T) {
	n := columnBlock + 77 // more than one block of columns
	x := tensor.RandN(newRand(5), n, 3)
	got := radii(x, 3)
	for _, i := range []int{0, 1, rowBlock, columnBlock - 1, columnBlock, n - 1} {
		var d []float64
		for j := range n {
			sum := 0.0
			for k := range 3 {
				v := float64(x.At(i, k)) - float64(x.At(j, k))
				sum += v * v
			}
			if j != i {
				d = append(d, sum)
			}
		}
		slices.Sort(d)
		require.InDelta(t, d[2], got[i], 1e-9)
	}
}

func TestPrecisionAndRecallNeedNeighbours(t *testing.T) {
	x := &Features{"test", tensor.New(3, 2)}
	_, _, err := PrecisionRecall(x, x, ManifoldOptions{})
	require.ErrorContains(t, err, "3 pictures with 3 neighbours")
}

func TestApproximateParzen(t *testing.T) {
	f, err := ApproximateParzen(2, func(i int) (*tensor.Tensor, *tensor.Tensor, error) {
		truth := tensor.Full(float32(i), 2, 2, 1)
		return truth, tensor.Concat(0, tensor.Full(float32(i)+3, 1, 2, 2, 1), tensor.Full(float32(3*i)-1, 1, 2, 2, 1)), nil
	})
	require.NoError(t, err)
	// The nearest draws are off by 1 (0 against −1) and by 1 (1 against 2), each in four pixels.
	require.InDelta(t, 2, f.Value, 1e-12)
	require.Contains(t, f.Protocol, "nearest of 2 draws")

	broken := errors.New("broken")
	_, err = ApproximateParzen(1, func(int) (*tensor.Tensor, *tensor.Tensor, error) { return nil, nil, broken })
	require.ErrorIs(t, err, broken)
	_, err = ApproximateParzen(1, func(int) (*tensor.Tensor, *tensor.Tensor, error) {
		return tensor.New(2), tensor.Full(float32(math.NaN()), 1, 2), nil
	})
	require.ErrorContains(t, err, "NaN")
	_, err = ApproximateParzen(1, func(int) (*tensor.Tensor, *tensor.Tensor, error) { return tensor.New(2), tensor.New(4, 3), nil })
	require.ErrorContains(t, err, "cannot compare")
}
