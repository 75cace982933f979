package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestDropout(t *testing.T) {
	x := tensor.Full(3, 4, 5, 5, 40)
	pass := func() *nn.Pass { return &nn.Pass{Train: true, Rand: newRand()} }
	for _, c := range []struct {
		name  string
		layer nn.Layer
		whole bool
	}{{"plain", nn.Dropout{Rate: 0.2}, false}, {"spatial", nn.Dropout2D{Rate: 0.2}, true}} {
		t.Run(c.name, func(t *testing.T) {
			require.Same(t, x, c.layer.Forward(autograd.Const(x), nil).Value(), "inference does nothing")
			tape := autograd.NewTape()
			v := tape.Leaf(x)
			y := c.layer.Forward(v, pass())
			zeros, mixed := 0, 0
			for n := range 4 {
				for ch := range 40 {
					dropped := 0
					for i := range 25 {
						switch y.Value().At(n, i/5, i%5, ch) {
						case 0:
							dropped++
						case 3 / (1 - float32(0.2)):
						default:
							require.Fail(t, "neither dropped nor scaled")
						}
					}
					zeros += dropped
					if dropped != 0 && dropped != 25 {
						mixed++
					}
				}
			}
			require.InDelta(t, 0.2, float64(zeros)/4000, 0.1)
			require.Equal(t, c.whole, mixed == 0)
			// The same values are dropped from the gradient, and the same seed drops the same.
			g := autograd.Grad(autograd.Sum(y), v)[0]
			require.Equal(t, y.Value().Data(), tensor.Affine(g, 3, 0).Data())
			require.Equal(t, y.Value().Data(), c.layer.Forward(autograd.Const(x), pass()).Value().Data())
			require.Panics(t, func() { c.layer.Forward(v, &nn.Pass{Train: true}) })
		})
	}
	v := autograd.Const(x)
	require.Same(t, v, nn.Dropout{}.Forward(v, pass()))
	require.PanicsWithValue(t, "nn.Dropout: a training pass needs Rand", func() { nn.Dropout{Rate: 0.5}.Forward(v, &nn.Pass{Train: true}) })
	require.PanicsWithValue(t, "nn.Dropout2D: the rate must be in [0, 1), got 1", func() { nn.Dropout2D{Rate: 1}.Forward(v, nil) })
}
