package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestMaskCounts(t *testing.T) {
	taps := func(kind nn.MaskKind, in, out, kernel int, opts nn.MaskedOptions) int {
		return int(tensor.Sum(nn.NewMaskedConv2D(kind, in, out, kernel, opts, newRand()).Mask).Item())
	}
	for _, k := range []int{1, 3, 7} {
		require.Equal(t, (k*k-1)/2, taps(nn.MaskA, 1, 1, k, nn.MaskedOptions{}))
		require.Equal(t, (k*k+1)/2, taps(nn.MaskB, 1, 1, k, nn.MaskedOptions{}))
	}
	rgb := nn.MaskedOptions{Colours: 3}
	require.Equal(t, 3, taps(nn.MaskA, 3, 3, 1, rgb), "3 of 9 blocks")
	require.Equal(t, 6, taps(nn.MaskB, 3, 3, 1, rgb), "6 of 9 blocks")
	require.Equal(t, 24*3*6+6*2, taps(nn.MaskB, 3, 6, 7, rgb), "24 whole taps, and 6 blocks of two maps at the centre")
	// A row convolution sees nothing of the row above, and half of its own.
	require.Equal(t, 2, taps(nn.MaskB, 1, 1, 1, nn.MaskedOptions{KernelW: 3}))
}

// The gradient of an output shows what it sees: mask A nothing of itself or what comes after, mask B nothing after.
func TestMaskedConvolutionsAreCausal(t *testing.T) {
	const n, colours, hidden = 5, 3, 4 // four hidden maps: three colours do not divide them
	for _, c := range []struct {
		name  string
		build func() nn.Sequential
	}{
		{"one layer", func() nn.Sequential {
			return nn.Sequential{nn.NewMaskedConv2D(nn.MaskA, 3, 3, 5, nn.MaskedOptions{Colours: 3}, newRand())}
		}},
		{"stack with gates", func() nn.Sequential {
			return nn.Sequential{
				nn.NewMaskedConv2D(nn.MaskA, 3, hidden, 3, nn.MaskedOptions{Colours: 3}, newRand()),
				nn.Tanh{},
				nn.NewMaskedConv2D(nn.MaskB, hidden, 4*hidden, 3, nn.MaskedOptions{Colours: 3, Period: hidden}, newRand()),
				addGates(hidden),
				nn.NewMaskedConv2D(nn.MaskB, hidden, 3, 1, nn.MaskedOptions{Colours: 3}, newRand()),
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := c.build()
			tape := autograd.NewTape()
			x := tape.Leaf(tensor.RandN(newRand(), 1, n, n, colours))
			y := net.Forward(x, nil)
			require.Equal(t, x.Shape(), y.Shape())
			seen := 0
			for at := range y.Len() {
				one := tensor.New(y.Shape()...)
				one.Data()[at] = 1
				g := autograd.Grad(along(y, one), x)[0].Data()
				for j, v := range g {
					if j >= at {
						require.Zero(t, v, "output %d sees input %d", at, j)
					} else if v != 0 {
						seen++
					}
				}
			}
			require.Greater(t, seen, y.Len(), "outputs see what comes before")
		})
	}
}

// Layers as wide as networks have them are computed by other algorithms than narrow ones, and none may let as much as a
// rounding error of a later pixel through.
func TestLaterPixelsLeaveNoTrace(t *testing.T) {
	const n, channels = 16, 64
	l := nn.NewMaskedConv2D(nn.MaskB, channels, channels, 3, nn.MaskedOptions{}, newRand())
	x := tensor.RandN(newRand(), 1, n, n, channels)
	want := l.Forward(autograd.Const(x)).Value()
	const pixel = 5*n + 6
	changed := x.Clone()
	for i := (pixel + 1) * channels; i < len(changed.Data()); i++ {
		changed.Data()[i] *= 1e3
	}
	got := l.Forward(autograd.Const(changed)).Value()
	seen := (pixel + 1) * channels
	require.Equal(t, want.Data()[:seen], got.Data()[:seen])
	require.NotEqual(t, want.Data()[seen:], got.Data()[seen:])
}

// addGates sums four maps h apart, as the gates of an LSTM meet.
func addGates(h int) func(*autograd.Var) *autograd.Var {
	return func(x *autograd.Var) *autograd.Var {
		return autograd.Sum(x.Reshape(x.Dim(0), x.Dim(1), x.Dim(2), 4, h), 3)
	}
}

func TestMaskedOptions(t *testing.T) {
	l := nn.NewMaskedConv2D(nn.MaskB, 2, 3, 3, nn.MaskedOptions{NoBias: true}, newRand())
	require.Equal(t, []string{"weight"}, names(l))
	require.PanicsWithValue(t, "nn.NewMaskedConv2D: a kernel of 4×4 has no centre", func() {
		nn.NewMaskedConv2D(nn.MaskA, 1, 1, 4, nn.MaskedOptions{}, newRand())
	})
	require.Panics(t, func() { nn.NewMaskedConv2D(7, 1, 1, 3, nn.MaskedOptions{}, newRand()) })
}
