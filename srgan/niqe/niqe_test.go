package niqe

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

func TestAGGDFindsItsParameters(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, want := range []aggd{{2, 1, 1}, {1, 0.5, 0.5}, {0.8, 1, 1}, {2, 0.5, 1.5}, {1.3, 2, 0.7}, {4, 1, 2}} {
		// |x|^α of a generalised Gaussian is β^α times a gamma variable of shape 1/α; sides are as likely as they are wide.
		gamma := distuv.Gamma{Alpha: 1 / want.alpha, Beta: 1, Src: rng}
		x := make([]float64, 60_000)
		mean := 0.0
		for i := range x {
			r := math.Pow(gamma.Rand(), 1/want.alpha)
			if rng.Float64() < want.left/(want.left+want.right) {
				x[i] = -want.left * r
			} else {
				x[i] = want.right * r
			}
			mean += x[i] / float64(len(x))
		}
		got := fitAGGD(x)
		require.InEpsilon(t, want.alpha, got.alpha, 0.06, "%+v %+v", want, got)
		require.InEpsilon(t, want.left, got.left, 0.06, "%+v %+v", want, got)
		require.InEpsilon(t, want.right, got.right, 0.06, "%+v %+v", want, got)
		require.InDelta(t, mean, got.mean(), 0.05)
	}
	require.True(t, math.IsNaN(fitAGGD([]float64{1, 2, 0}).alpha))
	require.True(t, math.IsNaN(fitAGGD(nil).left))
	require.InDelta(t, 2/math.Pi, momentRatio(2), 1e-12) // E|x|² of the normal distribution
	require.InDelta(t, 0.5, momentRatio(1), 1e-12)       // of Laplace's
	require.InDelta(t, 1.7, solveShape(momentRatio(1.7)), 1e-9)
}

func noise(seed uint64, h, w int) plane {
	rng := rand.New(rand.NewPCG(seed, 2))
	p := plane{h, w, make([]float64, h*w)}
	for i := range p.pix {
		p.pix[i] = 255 * rng.Float64()
	}
	return p
}

func TestNormaliseIsItsDefinition(t *testing.T) {
	p := noise(3, 9, 11)
	got, deviation := p.normalise()
	for y := range p.h {
		for x := range p.w {
			var sum, mean, square float64
			for i := -3; i <= 3; i++ {
				for j := -3; j <= 3; j++ {
					g := math.Exp(-float64(i*i+j*j) / (2 * 49.0 / 36))
					v := p.pix[min(max(y+i, 0), p.h-1)*p.w+min(max(x+j, 0), p.w-1)]
					sum += g
					mean += g * v
					square += g * v * v
				}
			}
			mean /= sum
			s := math.Sqrt(math.Abs(square/sum - mean*mean))
			require.InDelta(t, s, deviation.pix[y*p.w+x], 1e-8)
			require.InDelta(t, (p.pix[y*p.w+x]-mean)/(s+1), got.pix[y*p.w+x], 1e-10)
		}
	}
}

func TestLuma(t *testing.T) {
	x := tensor.FromSlice([]float32{1, 1, 1, 0, 0, 0, 1, 0, 0, 2, -1, 0}, 2, 2, 3)
	require.Equal(t, []float64{255, 0, 76, 76}, luma(x).pix) // 0.2989·255 = 76.2
	require.Equal(t, []float64{128}, luma(tensor.Full(0.5, 1, 1, 1)).pix)
}

func TestPatches(t *testing.T) {
	all := patches(noise(4, 70, 50), 16)
	require.Len(t, all, 4*3)
	for _, p := range all {
		require.Len(t, p.features, 36)
		require.Greater(t, p.sharpness, 30.0)
		require.InDelta(t, 0, p.features[3], 0.2, "neighbours in noise are independent but for the mean")
	}
	// The features of a patch are its own.
	other := noise(4, 70, 50)
	for i := range 16 {
		for j := range 16 {
			other.pix[(48+i)*50+32+j] = float64(i * j)
		}
	}
	require.Equal(t, all[0], patches(other, 16)[0])
	require.NotEqual(t, all[11], patches(other, 16)[11])
	require.Empty(t, patches(plane{32, 32, make([]float64, 1024)}, 16), "flat patches have no distribution")
	require.Empty(t, patches(noise(4, 15, 50), 16))
}

func TestMahalanobis(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	a := mat.NewDense(features, 50, nil)
	for i := range features {
		for j := range 50 {
			a.Set(i, j, rng.NormFloat64())
		}
	}
	var s mat.SymDense
	s.SymOuterK(1, a)
	d := make([]float64, features)
	for i := range d {
		d[i] = rng.NormFloat64()
	}
	var solved mat.VecDense
	require.NoError(t, solved.SolveVec(&s, mat.NewVecDense(features, d)))
	got, err := mahalanobis(d, &s)
	require.NoError(t, err)
	require.InEpsilon(t, math.Sqrt(mat.Dot(&solved, mat.NewVecDense(features, d))), got, 1e-8)

	// Of a singular matrix only the directions it has count.
	s.Reset()
	s.ReuseAsSym(features)
	s.SetSym(0, 0, 4)
	s.SetSym(3, 3, 9)
	got, err = mahalanobis(d, &s)
	require.NoError(t, err)
	require.InEpsilon(t, math.Sqrt(d[0]*d[0]/4+d[3]*d[3]/9), got, 1e-10)
}

// texture returns pictures whose statistics are much alike: clouds of soft blobs with fine grain.
func texture(seed uint64) *tensor.Tensor {
	rng := rand.New(rand.NewPCG(seed, 6))
	x := tensor.New(1, 96, 128, 1)
	for k := 1; k <= 32; k *= 2 {
		part := tensor.RandN(rng, 1, 96/k, 128/k, 1)
		tensor.AddScaledInto(x, tensor.Resize(part, 96, 128, tensor.Bicubic), 0.02*float32(k))
	}
	x = tensor.Affine(x, 0.3, 0.5)
	tensor.ClampInto(x, x, 0, 1)
	return x.Reshape(96, 128, 1)
}

func fitted(t *testing.T) *Model {
	var photos []*tensor.Tensor
	for i := range 8 {
		photos = append(photos, texture(uint64(i)))
	}
	m, err := Fit(photos, Options{Patch: 16, Sharpness: 0.1})
	require.NoError(t, err)
	require.Equal(t, 8, m.Photos)
	return m
}

func TestDistortionsScoreWorse(t *testing.T) {
	m := fitted(t)
	x := texture(100)
	clean, err := m.Score(x)
	require.NoError(t, err)
	image := x.Reshape(1, 96, 128, 1)
	blurred := tensor.Resize(tensor.Resize(image, 32, 43, tensor.Bicubic), 96, 128, tensor.Bicubic).Reshape(96, 128, 1)
	noisy := tensor.Add(x, tensor.RandU(rand.New(rand.NewPCG(7, 7)), -0.3, 0.3, 96, 128, 1))
	for name, y := range map[string]*tensor.Tensor{"blurred": blurred, "noisy": noisy} {
		score, err := m.Score(y)
		require.NoError(t, err)
		require.Greater(t, score, clean+1, name)
	}
	again, err := m.Score(x)
	require.NoError(t, err)
	require.Equal(t, clean, again)
}

func TestModelOnDisk(t *testing.T) {
	m := fitted(t)
	var b bytes.Buffer
	require.NoError(t, m.Write(&b))
	got, err := Read(&b)
	require.NoError(t, err)
	require.Equal(t, m, got)
	for _, bad := range []string{"", "{}", `{"patch":96,"mean":[1],"covariance":[]}`, `{"wings":2}`, "null"} {
		_, err := Read(strings.NewReader(bad))
		require.ErrorContains(t, err, "niqe: not a model")
	}
}

func TestErrors(t *testing.T) {
	_, err := Fit([]*tensor.Tensor{texture(1), tensor.New(3, 3, 3)}, Options{})
	require.EqualError(t, err, "niqe: 2 photographs have 1 sharp patches of 96×96 pixels, want more than 36")
	m := fitted(t)
	_, err = m.Score(tensor.New(15, 40, 3))
	require.EqualError(t, err, "niqe: a picture of 40×15 pixels has no patch of 16×16")
	_, err = m.Score(tensor.New(16, 16, 3))
	require.EqualError(t, err, "niqe: the picture is flat")
	require.Panics(t, func() { _, _ = m.Score(tensor.New(16, 16)) })
	require.Panics(t, func() { _, _ = Fit(nil, Options{Patch: 7}) })
}

// TestPhotographs fits on half of the redistributable photographs and scores the others, whole and spoilt.
func TestPhotographs(t *testing.T) {
	dir := filepath.Join(os.Getenv("GANDER_DATA"), "photos")
	if _, err := os.Stat(dir); os.Getenv("GANDER_DATA") == "" || err != nil {
		t.Skip("needs photos in the folder that GANDER_DATA names")
	}
	files, err := data.ImageFiles(dir)
	require.NoError(t, err)
	var photos []*tensor.Tensor
	for _, f := range files[:min(15, len(files))] {
		m, err := data.LoadImage(f)
		require.NoError(t, err)
		x := m.RGB()
		photos = append(photos, tensor.Slice(tensor.Slice(x, 0, 0, min(384, x.Dim(0))), 1, 0, min(384, x.Dim(1))))
	}
	m, err := Fit(photos[len(photos)/3:], Options{})
	require.NoError(t, err)
	var clean, small float64
	rest := photos[:len(photos)/3]
	for _, x := range rest {
		s, err := m.Score(x)
		require.NoError(t, err)
		clean += s / float64(len(rest))
		h, w := x.Dim(0), x.Dim(1)
		y := tensor.Resize(tensor.Resize(x.Reshape(1, h, w, 3), h/4, w/4, tensor.Bicubic), h, w, tensor.Bicubic)
		s, err = m.Score(y.Reshape(h, w, 3))
		require.NoError(t, err)
		small += s / float64(len(rest))
	}
	t.Logf("%d patches; whole %.2f, shrunk and enlarged by bicubic interpolation %.2f", m.Patches, clean, small)
	require.Greater(t, small, clean+1)
}

// The model that is shipped finds pictures that are noise or blur less natural than its photographs are on the whole.
func TestShippedModel(t *testing.T) {
	m := Photographs()
	require.Equal(t, 161, m.Photos)
	require.Greater(t, m.Patches, 10*features)
	rng := rand.New(rand.NewPCG(1, 2))
	noise, err := m.Score(tensor.RandU(rng, 0, 1, 192, 192, 3))
	require.NoError(t, err)
	require.Greater(t, noise, 8.0)
	blur, err := m.Score(tensor.Resize(tensor.RandU(rng, 0, 1, 1, 12, 12, 3), 192, 192, tensor.Bicubic).Reshape(192, 192, 3))
	require.NoError(t, err)
	require.Greater(t, blur, 8.0)
}
