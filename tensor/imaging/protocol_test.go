package imaging

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

func must(t *testing.T) func(v float64, err error) float64 {
	return func(v float64, err error) float64 {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

func TestPSNRClosedForms(t *testing.T) {
	a := tensor.Full(100./255, 20, 30, 3)
	b := tensor.Full(107./255, 20, 30, 3)
	require.InDelta(t, 20*math.Log10(255./7), must(t)(Protocol{}.PSNR(a, b)), 1e-12)
	// In grey, luma moves by 219/255 of the levels.
	require.InDelta(t, 20*math.Log10(255./(7*219./255)), must(t)(Protocol{Y: true}.PSNR(a, b)), 1e-9)
	require.True(t, math.IsInf(must(t)(Protocol{}.PSNR(a, a)), 1))

	// One wrong value of 20·30·3: MSE is 49/1800.
	b = a.Clone()
	b.Set(93./255, 5, 6, 1)
	require.InDelta(t, 10*math.Log10(255*255*1800./49), must(t)(Protocol{}.PSNR(a, b)), 1e-12)
	// Only green counts for luma here: 128.553/255 of a level each.
	d := 7 * 128.553 / 255
	require.InDelta(t, 10*math.Log10(255*255*600/(d*d)), must(t)(Protocol{Y: true}.PSNR(a, b)), 1e-9)
	// The border hides it; the next smaller one does not.
	require.True(t, math.IsInf(must(t)(Protocol{Border: 6}.PSNR(a, b)), 1))
	require.InDelta(t, 10*math.Log10(255*255*10*20*3/49.), must(t)(Protocol{Border: 5}.PSNR(a, b)), 1e-12)
}

func TestPSNRRoundsFirst(t *testing.T) {
	a, b := tensor.Full(100.4/255, 4, 4, 1), tensor.Full(99.6/255, 4, 4, 1)
	require.True(t, math.IsInf(must(t)(Protocol{}.PSNR(a, b)), 1))
	a, b = tensor.Full(-5, 4, 4, 1), tensor.Full(1.5, 4, 4, 1)
	require.InDelta(t, 0, must(t)(Protocol{}.PSNR(a, b)), 1e-12)
}

func TestRange(t *testing.T) {
	rng := newRand()
	a, b := randomImage(rng, 15, 16, 3, 8, false).Pixels, randomImage(rng, 15, 16, 3, 8, false).Pixels
	signed := func(x *tensor.Tensor) *tensor.Tensor {
		y := x.Clone()
		for i, v := range y.Data() {
			y.Data()[i] = 2*v - 1
		}
		return y
	}
	p := Protocol{Y: true, Border: 1}
	q := p
	q.Range = [2]float32{-1, 1}
	require.Equal(t, must(t)(p.PSNR(a, b)), must(t)(q.PSNR(signed(a), signed(b))))
	require.Equal(t, must(t)(p.SSIM(a, b)), must(t)(q.SSIM(signed(a), signed(b))))
}

func TestBatchesAverageFigures(t *testing.T) {
	a, b := tensor.New(2, 12, 12, 1), tensor.New(2, 12, 12, 1)
	b.Rows(0, 1).Fill(1. / 255)
	b.Rows(1, 2).Fill(10. / 255)
	got := must(t)(Protocol{}.PSNR(a, b))
	require.InDelta(t, (20*math.Log10(255)+20*math.Log10(25.5))/2, got, 1e-12)
}

func TestGreyCountsAsRGB(t *testing.T) {
	rng := newRand()
	a, b := randomImage(rng, 14, 13, 1, 8, false), randomImage(rng, 14, 13, 1, 8, false)
	for _, p := range []Protocol{{}, {Y: true}} {
		require.InDelta(t, must(t)(p.PSNR(a.Pixels, b.Pixels)), must(t)(p.PSNR(a.RGB(), b.RGB())), 1e-12)
		require.InDelta(t, must(t)(p.SSIM(a.Pixels, b.Pixels)), must(t)(p.SSIM(a.RGB(), b.RGB())), 1e-12)
	}
}

// ssimRef is the definition: two-dimensional weights, and variances about the mean.
func ssimRef(x, y [][]float64) float64 {
	var g [11][11]float64
	sum := 0.0
	for i := range g {
		for j := range g[i] {
			g[i][j] = math.Exp(-(math.Pow(float64(i-5), 2) + math.Pow(float64(j-5), 2)) / (2 * 1.5 * 1.5))
			sum += g[i][j]
		}
	}
	over := func(r, c int, f func(u, v float64) float64) float64 {
		s := 0.0
		for i := range g {
			for j := range g[i] {
				s += g[i][j] / sum * f(x[r+i][c+j], y[r+i][c+j])
			}
		}
		return s
	}
	total, n := 0.0, 0
	for r := 0; r+11 <= len(x); r++ {
		for c := 0; c+11 <= len(x[0]); c++ {
			mx := over(r, c, func(u, _ float64) float64 { return u })
			my := over(r, c, func(_, v float64) float64 { return v })
			vx := over(r, c, func(u, _ float64) float64 { return (u - mx) * (u - mx) })
			vy := over(r, c, func(_, v float64) float64 { return (v - my) * (v - my) })
			cov := over(r, c, func(u, v float64) float64 { return (u - mx) * (v - my) })
			total += (2*mx*my + 6.5025) * (2*cov + 58.5225) / ((mx*mx + my*my + 6.5025) * (vx + vy + 58.5225))
			n++
		}
	}
	return total / float64(n)
}

func TestSSIMIsItsDefinition(t *testing.T) {
	rng := newRand()
	for _, size := range [][2]int{{11, 11}, {12, 40}, {60, 13}} {
		h, w := size[0], size[1]
		a, b := randomImage(rng, h, w, 1, 8, false).Pixels, tensor.New(h, w, 1)
		x, y := make([][]float64, h), make([][]float64, h)
		for i := range h {
			for j := range w {
				v := math.Round(float64(a.At(i, j, 0)*255)*0.7 + 20 + 30*rng.Float64())
				b.Set(float32(v/255), i, j, 0)
				x[i] = append(x[i], math.Round(float64(a.At(i, j, 0))*255))
				y[i] = append(y[i], v)
			}
		}
		require.InDelta(t, ssimRef(x, y), must(t)(Protocol{}.SSIM(a, b)), 1e-10)
		for i := range h {
			for j := range w {
				x[i][j], y[i][j] = 16+219*x[i][j]/255, 16+219*y[i][j]/255
			}
		}
		require.InDelta(t, ssimRef(x, y), must(t)(Protocol{Y: true}.SSIM(a, b)), 1e-10)
	}
}

func TestSSIMClosedForms(t *testing.T) {
	a, b := tensor.Full(50./255, 16, 16, 3), tensor.Full(200./255, 16, 16, 3)
	require.InDelta(t, (2*50*200+6.5025)/(50*50+200*200+6.5025), must(t)(Protocol{}.SSIM(a, b)), 1e-10)
	noise := randomImage(newRand(), 16, 16, 3, 8, false).Pixels
	require.Equal(t, 1.0, must(t)(Protocol{Y: true}.SSIM(noise, noise)))
}

func TestTooSmallIsAnError(t *testing.T) {
	a := tensor.New(14, 30, 3)
	_, err := Protocol{Border: 7}.PSNR(a, a)
	require.EqualError(t, err, "imaging.PSNR: a picture of 30×14 pixels less a border of 7 leaves no 1×1 pixels to compare")
	_, err = Protocol{Border: 2}.SSIM(a, a)
	require.EqualError(t, err, "imaging.SSIM: a picture of 30×14 pixels less a border of 2 leaves no 11×11 pixels to compare")
	_, err = Protocol{Border: 1}.SSIM(a, a)
	require.NoError(t, err)
	require.Panics(t, func() { _, _ = Protocol{}.PSNR(a, tensor.New(14, 30, 1)) })
	require.Panics(t, func() { _, _ = Protocol{}.PSNR(tensor.New(3), tensor.New(3)) })
}

func TestFiguresDoNotDependOnTheCores(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	a, b := randomImage(rng, 150, 70, 3, 8, false).Pixels, randomImage(rng, 150, 70, 3, 8, false).Pixels
	p := Protocol{Y: true, Border: 4}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	psnr, ssim := must(t)(p.PSNR(a, b)), must(t)(p.SSIM(a, b))
	for _, n := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(n)
		require.Equal(t, psnr, must(t)(p.PSNR(a, b)))
		require.Equal(t, ssim, must(t)(p.SSIM(a, b)))
	}
}

func TestProtocolSpeaks(t *testing.T) {
	require.Equal(t, "Y of BT.601, border of 4 px cut, rounded to 8 bits, peak 255", Protocol{Y: true, Border: 4}.String())
	require.Equal(t, "all channels, no border cut, rounded to 8 bits, peak 255, range [-1, 1]",
		Protocol{Range: [2]float32{-1, 1}}.String())
}
