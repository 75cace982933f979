package imaging

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor"
)

func TestLosslessRoundTrip(t *testing.T) {
	for _, f := range []Format{PNG, TIFF, BMP} {
		for _, c := range []int{1, 3} {
			for _, depth := range []int{8, 16} {
				for _, alpha := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%d channels/%d bit/alpha %v", f, c, depth, alpha), func(t *testing.T) {
						if f == BMP && depth == 16 {
							t.Skip("BMP has 8 bits")
						}
						m := randomImage(newRand(), 9, 6, c, depth, alpha)
						got := decoded(t, encoded(t, m, f))
						want := m.Pixels
						if alpha && c == 1 && f != PNG {
							want = m.RGB()
						}
						require.Equal(t, want.Shape(), got.Pixels.Shape())
						require.Equal(t, want.Data(), got.Pixels.Data())
						require.Equal(t, depth, got.Depth)
						require.Equal(t, f, got.Format)
						require.Nil(t, got.Palette)
						if !alpha {
							require.Nil(t, got.Alpha)
							return
						}
						require.Equal(t, m.Alpha.Data(), got.Alpha.Data())
					})
				}
			}
		}
	}
}

func TestPNGRoundTripOfAnySize(t *testing.T) {
	rng := newRand()
	rapid.Check(t, func(rt *rapid.T) {
		h, w := rapid.IntRange(1, 40).Draw(rt, "h"), rapid.IntRange(1, 40).Draw(rt, "w")
		c := rapid.SampledFrom([]int{1, 3}).Draw(rt, "c")
		depth := rapid.SampledFrom([]int{8, 16}).Draw(rt, "depth")
		m := randomImage(rng, h, w, c, depth, rapid.Bool().Draw(rt, "alpha"))
		if rapid.Bool().Draw(rt, "smooth") { // so that all filters are chosen
			for i := range m.Pixels.Data() {
				m.Pixels.Data()[i] = float32(i%(w*c)/c%256) / 255
			}
		}
		got := decoded(t, encoded(t, m, PNG))
		require.Equal(rt, m.Pixels.Data(), got.Pixels.Data())
		require.Equal(rt, m.Alpha == nil, got.Alpha == nil)
		if m.Alpha != nil {
			require.Equal(rt, m.Alpha.Data(), got.Alpha.Data())
		}
	})
}

func TestPaletteIsKept(t *testing.T) {
	m := palettedImage()
	require.Equal(t, 3, m.Channels())
	for _, f := range []Format{PNG, GIF, BMP, TIFF} {
		got := decoded(t, encoded(t, m, f))
		require.Equal(t, m.Pixels.Data(), got.Pixels.Data(), f)
		require.GreaterOrEqual(t, len(got.Palette), len(m.Palette), f)
		for i, c := range m.Palette {
			require.Equal(t, straight(c), straight(got.Palette[i]), f)
		}
		require.Nil(t, got.Alpha, f)
	}
	m.Pixels.Set(0.5, 0, 0, 0) // a colour outside: written in full
	got := decoded(t, encoded(t, m, PNG))
	require.Nil(t, got.Palette)
	require.Equal(t, float32(128)/255, got.Pixels.At(0, 0, 0))
}

func TestPaletteWithAlpha(t *testing.T) {
	src := image.NewPaletted(image.Rect(0, 0, 3, 1), color.Palette{
		color.NRGBA{R: 10, G: 20, B: 30, A: 40}, color.NRGBA{R: 200, A: 255}, color.NRGBA{G: 7, A: 0},
	})
	copy(src.Pix, []byte{0, 1, 2})
	got := decoded(t, encoded(t, FromImage(src), PNG))
	require.Len(t, got.Palette, 3)
	require.Equal(t, []float32{40. / 255, 1, 0}, got.Alpha.Data())
	require.Equal(t, []float32{10. / 255, 20. / 255, 30. / 255, 200. / 255, 0, 0, 0, 7. / 255, 0}, got.Pixels.Data())
	for _, f := range []Format{BMP, TIFF} { // no alpha in their palettes
		got := decoded(t, encoded(t, FromImage(src), f))
		require.Nil(t, got.Palette)
		require.Equal(t, []float32{40. / 255, 1, 0}, got.Alpha.Data())
	}
}

func TestGreyPaletteIsGrey(t *testing.T) {
	src := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.Gray{Y: 3}, color.Gray{Y: 250}})
	src.Pix[1] = 1
	m := FromImage(src)
	require.Equal(t, 1, m.Channels())
	require.Equal(t, []float32{3. / 255, 250. / 255}, m.Pixels.Data())
}

func TestGIF(t *testing.T) {
	t.Run("grey is exact", func(t *testing.T) {
		m := randomImage(newRand(), 40, 40, 1, 8, false)
		got := decoded(t, encoded(t, m, GIF))
		require.Equal(t, m.Pixels.Data(), got.Pixels.Data())
	})
	t.Run("alpha is cut at one half", func(t *testing.T) {
		m := randomImage(newRand(), 4, 5, 3, 8, true)
		got := decoded(t, encoded(t, m, GIF))
		for i, a := range m.Alpha.Data() {
			if a*255 < 128 {
				require.Zero(t, got.Alpha.Data()[i])
				continue
			}
			require.Equal(t, float32(1), got.Alpha.Data()[i])
			require.Equal(t, m.Pixels.Data()[3*i:3*i+3], got.Pixels.Data()[3*i:3*i+3])
		}
	})
	t.Run("many colours are near", func(t *testing.T) {
		m := &Image{Pixels: tensor.New(64, 64, 3), Alpha: tensor.Full(1, 64, 64, 1)}
		for i := range 64 * 64 {
			m.Pixels.Data()[3*i] = float32(i%64) / 63
			m.Pixels.Data()[3*i+1] = float32(i/64) / 63
			m.Pixels.Data()[3*i+2] = float32(i%64+i/64) / 126
		}
		m.Alpha.Data()[9] = 0
		data := encoded(t, m, GIF)
		require.Equal(t, data, encoded(t, m, GIF), "the same picture gives the same file")
		got := decoded(t, data)
		m.Pixels.Data()[27], m.Pixels.Data()[28], m.Pixels.Data()[29] = 0, 0, 0
		require.Zero(t, got.Alpha.Data()[9])
		psnr, err := Protocol{}.PSNR(m.Pixels, got.Pixels)
		require.NoError(t, err)
		require.Greater(t, psnr, 28.0) // the 216 web colours, dithered the same way, give 18
	})
	t.Run("a frame smaller than the screen", func(t *testing.T) {
		frame := image.NewPaletted(image.Rect(1, 1, 3, 2), color.Palette{color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 255, A: 255}})
		frame.Pix[1] = 1
		var b bytes.Buffer
		require.NoError(t, gif.EncodeAll(&b, &gif.GIF{
			Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 4, Height: 3, ColorModel: frame.Palette},
		}))
		got := decoded(t, b.Bytes())
		require.Equal(t, []int{3, 4, 3}, got.Pixels.Shape())
		require.Equal(t, []float32{0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0}, got.Alpha.Data())
		require.Equal(t, []float32{1, 0, 0, 0, 0, 1}, got.Pixels.Data()[15:21])
	})
}

func TestJPEG(t *testing.T) {
	for _, c := range []int{1, 3} {
		m := &Image{Pixels: tensor.New(32, 48, c)}
		for i := range m.Pixels.Data() {
			m.Pixels.Data()[i] = float32(i/c%48) / 60
		}
		got := decoded(t, encoded(t, m, JPEG))
		require.Equal(t, m.Pixels.Shape(), got.Pixels.Shape())
		fine, err := Protocol{}.PSNR(m.Pixels, got.Pixels)
		require.NoError(t, err)
		require.Greater(t, fine, 45.0)

		var b bytes.Buffer
		require.NoError(t, Encode(&b, m, JPEG, EncodeOptions{Quality: 5}))
		coarse, err := Protocol{}.PSNR(m.Pixels, decoded(t, b.Bytes()).Pixels)
		require.NoError(t, err)
		require.Less(t, coarse, fine-3)
	}
	require.ErrorContains(t, Encode(&bytes.Buffer{}, palettedImage(), JPEG, EncodeOptions{Quality: 101}), "from 1 to 100")
}

func TestFlatten(t *testing.T) {
	m := &Image{Pixels: tensor.Full(0.5, 1, 2, 1), Alpha: tensor.FromSlice([]float32{0, 0.5}, 1, 2, 1)}
	require.Equal(t, []float32{1, 0.75}, m.Flatten(nil).Pixels.Data())
	require.Equal(t, []float32{0, 0.25}, m.Flatten(color.Black).Pixels.Data())
	require.Equal(t, []float32{1, 0, 0, 0.75, 0.25, 0.25}, m.Flatten(color.NRGBA{R: 255, A: 255}).Pixels.Data())
	require.Nil(t, m.Flatten(nil).Alpha)
	require.NotNil(t, m.Alpha)
}

func TestProfilesTravel(t *testing.T) {
	for _, tc := range []struct {
		name   string
		format Format
		image  *Image
		icc    []byte
		kept   bool
	}{
		{"PNG", PNG, randomImage(newRand(), 3, 4, 3, 8, true), profile("RGB ", 3000), true},
		{"grey PNG", PNG, randomImage(newRand(), 3, 4, 1, 8, false), profile("GRAY", 3000), true},
		{"grey PNG with alpha", PNG, randomImage(newRand(), 3, 4, 1, 8, true), profile("GRAY", 3000), true},
		{"JPEG in three segments", JPEG, randomImage(newRand(), 3, 4, 3, 8, false), profile("RGB ", 150_000), true},
		{"of other channels", PNG, randomImage(newRand(), 3, 4, 3, 8, false), profile("GRAY", 3000), false},
		{"no profile", PNG, randomImage(newRand(), 3, 4, 3, 8, false), make([]byte, 500), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.image.ICC = tc.icc
			got := decoded(t, encoded(t, tc.image, tc.format))
			if tc.kept {
				require.Equal(t, tc.icc, got.ICC)
			} else {
				require.Nil(t, got.ICC)
			}
			if tc.format == PNG {
				require.Equal(t, tc.image.Pixels.Data(), got.Pixels.Data())
			}
		})
	}
}

func TestValuesOutsideAreClamped(t *testing.T) {
	nan := float32(0)
	nan /= nan
	x := tensor.FromSlice([]float32{-3, nan, 0.5, 1.001, 127.49 / 255, 127.5 / 255}, 1, 6, 1)
	require.Equal(t, []byte{0, 0, 128, 255, 127, 128}, ToImage(x).(*image.Gray).Pix)
	m := &Image{Pixels: x, Depth: 16}
	require.Equal(t, color.Gray16{Y: 32768}, m.ToImage().(*image.Gray16).Gray16At(2, 0))
}

func TestFromImageOfAnyType(t *testing.T) {
	r := image.Rect(3, 4, 8, 9) // not at the origin
	src := image.NewNRGBA(r)
	rng := newRand()
	for i := range src.Pix {
		src.Pix[i] = uint8(rng.IntN(256))
	}
	for i := 3; i < len(src.Pix); i += 4 {
		src.Pix[i] = 255
	}
	want := FromImage(src)
	rgba, deep, deepStraight := image.NewRGBA(r), image.NewRGBA64(r), image.NewNRGBA64(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			rgba.Set(x, y, src.At(x, y))
			deep.Set(x, y, src.At(x, y))
			deepStraight.Set(x, y, src.At(x, y))
		}
	}
	for _, m := range []image.Image{rgba, deep, deepStraight, strange{src}, rgba.SubImage(r)} {
		got := FromImage(m)
		require.Equal(t, want.Pixels.Data(), got.Pixels.Data(), "%T", m)
		require.Nil(t, got.Alpha, "%T", m)
	}
	require.Equal(t, 16, FromImage(deep).Depth)
	require.Panics(t, func() { FromImage(image.NewGray(image.Rect(0, 0, 0, 5))) })
}

// strange is an image type that nobody knows.
type strange struct{ image.Image }

func TestPremultipliedBecomesStraight(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 3, 1))
	copy(m.Pix, []byte{64, 32, 0, 128, 0, 0, 0, 0, 255, 255, 255, 255})
	got := FromImage(m)
	require.Equal(t, []float32{0.5, 0.25, 0, 0, 0, 0, 1, 1, 1}, got.Pixels.Data())
	require.Equal(t, []float32{128. / 255, 0, 1}, got.Alpha.Data())
}

func TestColourUnderTransparencyIsKept(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	copy(m.Pix, []byte{10, 20, 30, 0})
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	require.Equal(t, m.Pix, decoded(t, b.Bytes()).ToImage().(*image.NRGBA).Pix)
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	m := randomImage(newRand(), 5, 6, 3, 8, false)
	for _, name := range []string{"a.png", "a.jpg", "a.JPEG", "a.gif", "a.bmp", "a.tif", "a.tiff"} {
		path := filepath.Join(dir, name)
		require.NoError(t, Save(path, m, EncodeOptions{}))
		got, err := Open(path, DecodeOptions{})
		require.NoError(t, err)
		want, err := FormatOf(path)
		require.NoError(t, err)
		require.Equal(t, want, got.Format)
	}
	require.EqualError(t, Save("a.webp", m, EncodeOptions{}),
		"a.webp: cannot write .webp; pictures are written as .png, .jpg, .gif, .bmp or .tiff")
	require.ErrorContains(t, Save("noname", m, EncodeOptions{}), "no extension")

	old, err := os.ReadFile(filepath.Join(dir, "a.jpg"))
	require.NoError(t, err)
	require.Error(t, Save(filepath.Join(dir, "a.jpg"), m, EncodeOptions{Quality: -1}))
	now, err := os.ReadFile(filepath.Join(dir, "a.jpg"))
	require.NoError(t, err)
	require.Equal(t, old, now)

	long := &Image{Pixels: tensor.New(1, 70000, 1)}
	for _, f := range []Format{JPEG, GIF} {
		require.EqualError(t, Encode(&bytes.Buffer{}, long, f, EncodeOptions{}),
			"70000×1 pixels do not fit into a "+string(f)+" file, whose sides are at most 65535")
	}
	require.Panics(t, func() { _ = Encode(&bytes.Buffer{}, &Image{Pixels: tensor.New(4, 4, 2)}, PNG, EncodeOptions{}) })
}
