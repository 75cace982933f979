package srgan

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestPerceptualIsItsFormula(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 51))
	x, y := tensor.RandU(rng, -1, 1, 2, 16, 18, 3), tensor.RandU(rng, -1, 1, 2, 16, 18, 3)
	for _, f := range []Features{maps{}, maps{half: true}, tinyVGG(vgg.VGG22, vgg.VGG54)} {
		a, b := f.Maps(autograd.Const(x)), f.Maps(autograd.Const(y))
		want := 0.0
		for k := range a {
			n, h, w, c := a[k].Dim(0), a[k].Dim(1), a[k].Dim(2), a[k].Dim(3)
			length := func(p []float32) float64 {
				s := 1e-10
				for _, v := range p {
					s += float64(v) * float64(v)
				}
				return math.Sqrt(s)
			}
			for i := range n * h * w {
				p, q := a[k].Value().Data()[i*c:(i+1)*c], b[k].Value().Data()[i*c:(i+1)*c]
				lp, lq := length(p), length(q)
				for j := range c {
					d := float64(p[j])/lp - float64(q[j])/lq
					want += d * d / float64(n*h*w*len(a))
				}
			}
		}
		got := float64(Perceptual{f}.Value(autograd.Const(x), autograd.Const(y)).Item())
		require.InEpsilon(t, want, got, 1e-4, f.Name())
		require.Greater(t, got, 0.0)
		require.Less(t, got, 4.0)
	}
}

func TestPerceptualDistance(t *testing.T) {
	p := Perceptual{tinyVGG(vgg.VGG22)}
	require.Equal(t, "perceptual distance over vgg19-2.2 (width 4, random weights)", p.Name())
	x := scenes(1, 32)[0]
	zero, err := p.Distance(x, x)
	require.NoError(t, err)
	require.Zero(t, zero)
	rng := rand.New(rand.NewPCG(52, 52))
	last := 0.0
	for _, noise := range []float32{0.02, 0.1, 0.3} {
		d, err := p.Distance(x, tensor.Add(x, tensor.RandU(rng, -noise, noise, 32, 32, 3)))
		require.NoError(t, err)
		require.Greater(t, d, last)
		last = d
	}
	_, err = p.Distance(x, scenes(1, 30)[0])
	require.EqualError(t, err, "srgan: no perceptual distance over vgg19-2.2 (width 4, random weights) between pictures of (32,32,3) and (30,30,3)")
}

// TestPerceptualAtBlackMaps checks that pixels to which nothing responds leave a gradient that is finite.
func TestPerceptualAtBlackMaps(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.New(1, 4, 4, 3))
	g := autograd.Grad(Perceptual{maps{}}.Value(x, autograd.Const(tensor.Full(0.5, 1, 4, 4, 3))), x)[0]
	require.True(t, tensor.AllFinite(g))
}
