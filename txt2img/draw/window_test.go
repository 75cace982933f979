package draw

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestOffsetsAreSymmetric(t *testing.T) {
	require.Equal(t, []float32{-4, -3, -2, -1, 0, 1, 2, 3, 4}, offsets(9).Data())
	require.Equal(t, []float32{-0.5, 0.5}, offsets(2).Data())
	for n := 1; n < 20; n++ {
		o := offsets(n).Data()
		for i := range o {
			require.Equal(t, -o[n-1-i], o[i])
		}
	}
}

func TestFilterRowsSumToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, h, w := rapid.IntRange(1, 9).Draw(t, "n"), rapid.IntRange(1, 30).Draw(t, "h"), rapid.IntRange(1, 30).Draw(t, "w")
		p := tensor.New(3, 5)
		for i := range p.Data() {
			p.Data()[i] = rapid.Float32Range(-8, 8).Draw(t, "p")
		}
		g := newGrid(n, h, w)
		fy, fx := g.filters(g.window(autograd.Const(p)))
		require.Equal(t, []int{3, n, h}, fy.Shape())
		require.Equal(t, []int{3, n, w}, fx.Shape())
		for _, f := range []*autograd.Var{fy, fx} {
			for _, v := range tensor.Sum(f.Value(), 2).Data() {
				require.InDelta(t, 1, v, 1e-5)
			}
		}
	})
}

// reference is the equations of the paper in float64, pixel by pixel, for one plane.
func reference(p []float32, x [][]float64, n int) (glimpse [][]float64, fy, fx [][]float64, gamma float64) {
	h, w := len(x), len(x[0])
	gx, gy := float64(w+1)/2*(float64(p[0])+1), float64(h+1)/2*(float64(p[1])+1)
	variance, gamma := math.Exp(float64(p[2])), math.Exp(float64(p[4]))
	stride := float64(max(w, h)-1) / float64(n-1) * math.Exp(float64(p[3]))
	bank := func(centre float64, size int) [][]float64 {
		f := make([][]float64, n)
		for i := range f {
			mu := centre + (float64(i+1)-float64(n)/2-0.5)*stride
			f[i] = make([]float64, size)
			sum := 0.0
			for a := range f[i] {
				f[i][a] = math.Exp(-math.Pow(float64(a+1)-mu, 2) / (2 * variance))
				sum += f[i][a]
			}
			for a := range f[i] {
				f[i][a] /= sum
			}
		}
		return f
	}
	fy, fx = bank(gy, h), bank(gx, w)
	glimpse = make([][]float64, n)
	for i := range glimpse {
		glimpse[i] = make([]float64, n)
		for j := range glimpse[i] {
			for a := range h {
				for b := range w {
					glimpse[i][j] += gamma * fy[i][a] * x[a][b] * fx[j][b]
				}
			}
		}
	}
	return glimpse, fy, fx, gamma
}

func TestReadAndWriteAgainstTheEquations(t *testing.T) {
	rng := newRand()
	const count, n, h, w, c = 3, 4, 7, 9, 2
	g := newGrid(n, h, w)
	p := tensor.RandN(rng, count, 5)
	tensor.AffineInto(p, p, 0.5, 0)
	x, patch := tensor.RandN(rng, count, h, w, c), tensor.RandN(rng, count, n, c, n)
	window := g.window(autograd.Const(p))
	read := g.read(planes(autograd.Const(x)), window).Reshape(count, n, c, n).Value()
	written := pixels(g.write(autograd.Const(patch).Reshape(count, -1), window), c).Value()
	require.Equal(t, []int{count, h, w, c}, written.Shape())
	for i := range count {
		for plane := range c {
			one := make([][]float64, h)
			for a := range one {
				one[a] = make([]float64, w)
				for b := range one[a] {
					one[a][b] = float64(x.At(i, a, b, plane))
				}
			}
			glimpse, fy, fx, gamma := reference(p.Rows(i, i+1).Data(), one, n)
			for k := range n {
				for l := range n {
					require.InDelta(t, glimpse[k][l], read.At(i, k, plane, l), 1e-4)
				}
			}
			for a := range h {
				for b := range w {
					want := 0.0
					for k := range n {
						for l := range n {
							want += fy[k][a] * float64(patch.At(i, k, plane, l)) * fx[l][b] / gamma
						}
					}
					require.InDelta(t, want, written.At(i, a, b, plane), 1e-4)
				}
			}
		}
	}
}

// A window on the middle with a wide stride looks at all of a picture and at its mirror image alike.
func TestWindowInTheMiddle(t *testing.T) {
	g := newGrid(5, 28, 28)
	w := g.window(autograd.Const(tensor.New(1, 5)))
	require.Equal(t, float32(14.5), w.X.Item())
	require.Equal(t, float32(27)/4, w.Stride.Item())
	require.Equal(t, float32(1), w.Intensity.Item())
	fy, fx := g.filters(w)
	for i := range 5 {
		for a := range 28 {
			require.InDelta(t, fy.Value().At(0, 4-i, 27-a), fy.Value().At(0, i, a), 1e-6)
			require.Equal(t, fy.Value().At(0, i, a), fx.Value().At(0, i, a))
		}
	}
}

func TestPlanesAndPixels(t *testing.T) {
	rng := newRand()
	for _, c := range []int{1, 3} {
		x := random(rng, 2, 4, 5, c)
		require.Equal(t, x.Value(), pixels(planes(x), c).Value())
		require.Equal(t, x.Value().At(1, 2, 3, c-1), planes(x).Value().At(1, 2, (c-1)*5+3))
	}
}
