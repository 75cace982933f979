package style_test

import (
	"fmt"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
)

func TestParameters(t *testing.T) {
	require.Equal(t, 3_576_676, nn.NumParams(style.New(style.Options{}, newRand(1))))
	require.Equal(t, 3_577_636, nn.NumParams(style.New(style.Options{ConvBias: true}, newRand(1))))
}

func TestShapes(t *testing.T) {
	for _, o := range []style.Options{{Size: 16, Width: 4, Latent: 7}, {Size: 32, Width: 2}, {Width: 2}, {Size: 128, Width: 1, ConvBias: true}} {
		e := style.New(o, newRand(1))
		want := map[int]int{16: 2, 32: 3, 64: 4, 128: 5}[e.Options.Size]
		require.Len(t, e.Downs, want)
		require.Len(t, e.Norms, want-1)
		x := autograd.Const(tensor.RandU(newRand(2), -1, 1, 3, e.Options.Size, e.Options.Size, 3))
		for _, pass := range []*nn.Pass{nil, {Train: true}} {
			require.Equal(t, []int{3, e.Options.Latent}, e.Forward(x, pass).Shape())
		}
	}
	require.PanicsWithValue(t, "style.Encoder: want (N,16,16,3), got (1,16,8,3)", func() {
		newEncoder(1).Forward(autograd.Const(tensor.New(1, 16, 8, 3)), nil)
	})
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []style.Options{{Size: 8}, {Size: 48}, {Size: -64}, {Size: 1 << 20}, {Latent: -1}, {Latent: 1 << 20}, {Width: -1}, {Width: 1 << 20}} {
		require.Error(t, o.Check(), fmt.Sprint(o))
		require.Panics(t, func() { style.New(o, newRand(1)) }, fmt.Sprint(o))
	}
	require.NoError(t, style.Options{}.Check())
}
