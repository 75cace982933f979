package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWebP(t *testing.T) {
	m := randomImage(newRand(), 9, 6, 3, 8, true)
	got := decoded(t, samples(t)["lossless.webp"])
	require.Equal(t, WebP, got.Format)
	require.Equal(t, []int{7, 5, 3}, got.Pixels.Shape())

	pix := m.nrgba()
	got = decoded(t, riff("VP8L", vp8l(pix)))
	require.Equal(t, m.Pixels.Data(), got.Pixels.Data())
	require.Equal(t, m.Alpha.Data(), got.Alpha.Data())

	icc := profile("RGB ", 301)
	got = decoded(t, riff("VP8X", vp8x(0x38, 6, 9), "ICCP", icc, "VP8L", vp8l(pix), "EXIF", exifWith(binary.LittleEndian, 3)))
	require.Equal(t, icc, got.ICC)
	require.Equal(t, m.Pixels.At(8, 5, 1), got.Pixels.At(0, 0, 1))

	_, err := DecodeBytes(riff("VP8X", vp8x(2, 6, 9), "ANIM", make([]byte, 6), "ANMF", make([]byte, 16)), DecodeOptions{})
	require.EqualError(t, err, "animated WebP is not supported")
}

func TestLossyWebPUsesTheStudioRange(t *testing.T) {
	got := decoded(t, samples(t)["lossy.webp"])
	require.Equal(t, []int{7, 5, 3}, got.Pixels.Shape())
	require.Equal(t, float32(130)/255, got.Pixels.At(0, 0, 0)) // stored as 128: (128 − 16)·255/219
	for _, tc := range []struct {
		c    color.YCbCr
		want [3]float32
	}{
		{color.YCbCr{Y: 16, Cb: 128, Cr: 128}, [3]float32{0, 0, 0}},
		{color.YCbCr{Y: 235, Cb: 128, Cr: 128}, [3]float32{1, 1, 1}},
		{color.YCbCr{Y: 0, Cb: 128, Cr: 128}, [3]float32{0, 0, 0}},
		{color.YCbCr{Y: 81, Cb: 90, Cr: 240}, [3]float32{254. / 255, 0, 0}}, // 1.16438·65 + 1.59603·112 = 254.4
	} {
		got := fromYCbCr(tc.c, 255, true)
		require.Equal(t, tc.want, [3]float32(got[:3]), tc.c)
	}
}

// side is a side of the picture as seen.
type side int

const (
	top side = iota
	bottom
	left
	right
)

func TestOrientation(t *testing.T) {
	// What the EXIF standard says: where the first stored row and the first stored column are seen.
	table := [9][2]side{
		1: {top, left}, 2: {top, right}, 3: {bottom, right}, 4: {bottom, left},
		5: {left, top}, 6: {right, top}, 7: {right, bottom}, 8: {left, bottom},
	}
	const h, w = 3, 5
	stored := randomImage(newRand(), h, w, 3, 8, true)
	plain := encoded(t, stored, PNG)
	for o := 1; o <= 8; o++ {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := withChunk(plain, "eXIf", exifWith(order, o))
			got := decoded(t, data)
			rows, cols := h, w
			if table[o][0] == left || table[o][0] == right {
				rows, cols = w, h
			}
			require.Equal(t, []int{rows, cols, 3}, got.Pixels.Shape())
			require.Equal(t, []int{rows, cols, 1}, got.Alpha.Shape())
			for r := range h {
				for c := range w {
					var y, x int
					for k, s := range table[o] {
						distance := []int{r, c}[k] // from that side
						switch s {
						case top:
							y = distance
						case bottom:
							y = rows - 1 - distance
						case left:
							x = distance
						case right:
							x = cols - 1 - distance
						}
					}
					require.Equal(t, stored.Pixels.At(r, c, 1), got.Pixels.At(y, x, 1), "orientation %d", o)
					require.Equal(t, stored.Alpha.At(r, c, 0), got.Alpha.At(y, x, 0), "orientation %d", o)
				}
			}
			raw, err := DecodeBytes(data, DecodeOptions{KeepOrientation: true})
			require.NoError(t, err)
			require.Equal(t, stored.Pixels.Data(), raw.Pixels.Data())
		}
	}
}

func TestOrientationOfEveryContainer(t *testing.T) {
	all := samples(t)
	for name, turned := range map[string][]int{
		"oriented.jpg": {5, 7, 3}, "oriented.png": {5, 7, 3}, "extended.webp": {5, 7, 3}, "rgb.jpg": {7, 5, 3},
	} {
		require.Equal(t, turned, decoded(t, all[name]).Pixels.Shape(), name)
	}

	// In a TIFF the tag is one of the picture's own: the directory is written again at the end, with it in its place.
	tif := append([]byte(nil), all["rgba.tif"]...)
	le := binary.LittleEndian
	d, ok := parseDirectory(tif)
	require.True(t, ok)
	le.PutUint32(tif[4:], uint32(len(tif)))
	tif = le.AppendUint16(tif, uint16(len(d.entries)/12+1))
	added := false
	for e := d.entries; len(e) > 0; e = e[12:] {
		if !added && le.Uint16(e) > tagOrientation {
			tif = append(tif, exifWith(le, 6)[10:22]...)
			added = true
		}
		tif = append(tif, e[:12]...)
	}
	tif = append(tif, 0, 0, 0, 0)
	require.True(t, added)
	require.Equal(t, []int{5, 7, 3}, decoded(t, tif).Pixels.Shape())
}

func TestDamagedEXIFIsUpright(t *testing.T) {
	good := exifWith(binary.BigEndian, 6)
	require.Equal(t, 6, exifOrientation(good))
	require.Equal(t, 6, exifOrientation(append([]byte("Exif\x00\x00"), good...)))
	for n := range good[:22] {
		require.Equal(t, 1, exifOrientation(good[:n]), "cut to %d bytes", n)
	}
	for _, o := range []int{0, 9, 0xffff} {
		require.Equal(t, 1, exifOrientation(exifWith(binary.LittleEndian, o)))
	}
	for name, at := range map[string]int{"offset": 4, "type": 12, "count": 14} {
		bad := append([]byte(nil), good...)
		bad[at] = 0xff
		require.Equal(t, 1, exifOrientation(bad), name)
	}
	many := append([]byte(nil), good...)
	binary.BigEndian.PutUint16(many[8:], 0xffff) // more entries than there are bytes
	require.Equal(t, 1, exifOrientation(many))
}

// bombs are headers of huge pictures with hardly anything behind them. The decoders for 32 bits refuse much larger ones in
// their own words.
func bombs() map[string][]byte {
	ihdr := []byte{0, 0, 0x3e, 0x80, 0, 0, 0x3e, 0x80, 8, 2, 0, 0, 0}
	png := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", ihdr)...)
	png = append(png, pngChunk("IDAT", []byte{0x78, 0x9c, 0, 0})...)

	jpeg := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0x3e, 0x80, 0x3e, 0x80, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0}

	gif := append([]byte("GIF89a"), 0x80, 0x3e, 0x80, 0x3e, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0, 0x80, 0x3e, 0x80, 0x3e, 0, 2, 0)

	bmp := make([]byte, 54)
	copy(bmp, "BM")
	bmp[10], bmp[14], bmp[26], bmp[28] = 54, 40, 1, 24
	binary.LittleEndian.PutUint32(bmp[18:], 16000)
	binary.LittleEndian.PutUint32(bmp[22:], 16000)

	tiff := binary.LittleEndian.AppendUint32([]byte("II*\x00"), 8)
	tiff = binary.LittleEndian.AppendUint16(tiff, 4)
	for _, e := range [][2]uint32{{0x100, 16000}, {0x101, 16000}, {0x102, 8}, {0x106, 1}} {
		tiff = binary.LittleEndian.AppendUint16(tiff, uint16(e[0]))
		tiff = binary.LittleEndian.AppendUint16(tiff, 4)
		tiff = binary.LittleEndian.AppendUint32(tiff, 1)
		tiff = binary.LittleEndian.AppendUint32(tiff, e[1])
	}
	tiff = append(tiff, 0, 0, 0, 0)

	lossless := &bitWriter{}
	lossless.put(0x2f, 8)
	lossless.put(1<<14-1, 14)
	lossless.put(1<<14-1, 14)
	lossless.put(0, 12)
	return map[string][]byte{
		"16000×16000 a.png": png, "16000×16000 a.jpg": jpeg, "16000×16000 a.gif": gif, "16000×16000 a.bmp": bmp,
		"16000×16000 a.tif": tiff, "16384×16384 lossless.webp": riff("VP8L", lossless.bytes),
		"16383×16383 lossy.webp": riff("VP8 ", vp8(16383, 16383)), "40000×50000 extended.webp": riff("VP8X", vp8x(0, 40000, 50000)),
	}
}

func TestBombsAreRefusedBeforeMemoryIsTaken(t *testing.T) {
	for name, data := range bombs() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := DecodeBytes(data, DecodeOptions{})
			runtime.ReadMemStats(&after)
			size, _, _ := strings.Cut(name, " ")
			require.EqualError(t, err, size+" pixels is more than the limit of 100 megapixels (DecodeOptions.MaxPixels)")
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
		})
	}
}

func TestLimit(t *testing.T) {
	data := encoded(t, randomImage(newRand(), 7, 5, 3, 8, false), PNG)
	_, err := DecodeBytes(data, DecodeOptions{MaxPixels: 35})
	require.NoError(t, err)
	_, err = DecodeBytes(data, DecodeOptions{MaxPixels: 34})
	require.EqualError(t, err, "5×7 pixels is more than the limit of 34 pixels (DecodeOptions.MaxPixels)")
}

func TestErrorsAreForAPerson(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	good := samples(t)["rgb.png"]
	bad := append([]byte(nil), good...)
	bad[30] ^= 1 // a checksum
	for name, tc := range map[string]struct {
		data []byte
		want string
	}{
		"text.png":  {[]byte("This is no picture at all."), "not a PNG, JPEG, GIF, WebP, BMP or TIFF image"},
		"short.png": {[]byte("x"), "not a PNG, JPEG, GIF, WebP, BMP or TIFF image"},
		"empty.png": {nil, "the file is empty"},
		"cut.png":   {good[:len(good)-30], "the PNG file is cut short"},
		"bomb.png":  {bombs()["16000×16000 a.png"], "16000×16000 pixels is more than the limit of 100 megapixels (DecodeOptions.MaxPixels)"},
		"bad.png":   {bad, "damaged or unsupported PNG file: "},
		"BMW.bmp":   {[]byte("BMW makes cars and motorcycles."), "damaged or unsupported BMP file: "},
	} {
		path := write(name, tc.data)
		_, err := Open(path, DecodeOptions{})
		require.ErrorContains(t, err, path+": "+tc.want)
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := Open(filepath.Join(dir, "missing.png"), DecodeOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Open(dir, DecodeOptions{})
	require.Error(t, err)
	require.Equal(t, 1, strings.Count(err.Error(), dir))
}

func TestReaders(t *testing.T) {
	data := samples(t)["rgb.png"]
	m, err := Decode(bytes.NewReader(data), DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, decoded(t, data).Pixels.Data(), m.Pixels.Data())

	_, err = Decode(endless(0), DecodeOptions{})
	require.ErrorContains(t, err, "not a PNG")
	_, err = Decode(io.MultiReader(strings.NewReader("BM"), endless(1)), DecodeOptions{MaxPixels: 10})
	require.ErrorContains(t, err, "larger than any picture")
	broken := errors.New("broken")
	_, err = Decode(io.MultiReader(bytes.NewReader(data[:40]), failing{broken}), DecodeOptions{})
	require.ErrorIs(t, err, broken)
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestCutAtEveryLength(t *testing.T) {
	for name, data := range samples(t) {
		whole := decoded(t, data)
		for n := range data {
			m, err := DecodeBytes(data[:n], DecodeOptions{})
			if err == nil && n < len(data)-8 { // only what follows the pixels may be missing
				require.Contains(t, []Format{GIF, BMP, TIFF, WebP, JPEG}, m.Format, "%s cut to %d bytes", name, n)
				require.Equal(t, whole.Pixels.Len(), m.Pixels.Len())
				if !strings.HasPrefix(name, "extended") { // whose orientation comes last
					require.Equal(t, whole.Pixels.Data(), m.Pixels.Data(), "%s cut to %d bytes", name, n)
				}
			}
		}
	}
}

func TestDecoderPanicsBecomeErrors(t *testing.T) {
	_, err := guard(func() (int, error) { panic("index out of range") })
	require.EqualError(t, err, "the decoder gave up: index out of range")
}

func TestPhotosDecode(t *testing.T) {
	dir := os.Getenv("GANDER_DATA")
	if dir == "" {
		t.Skip("GANDER_DATA is not set")
	}
	for name, want := range map[string][]int{
		"baby": {512, 512, 3}, "bird": {288, 288, 3}, "butterfly": {256, 256, 3}, "head": {280, 280, 3}, "woman": {344, 228, 3},
	} {
		m, err := Open(filepath.Join(dir, "sr", "Set5", name+".png"), DecodeOptions{})
		if errors.Is(err, os.ErrNotExist) {
			t.Skip("no Set5 there")
		}
		require.NoError(t, err)
		require.Equal(t, want, m.Pixels.Shape())
		require.Equal(t, m.Pixels.Data(), decoded(t, encoded(t, m, PNG)).Pixels.Data())
	}
	photos, err := filepath.Glob(filepath.Join(dir, "photos", "*.*g"))
	require.NoError(t, err)
	for _, path := range photos {
		_, err := Open(path, DecodeOptions{})
		require.NoError(t, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data)
	}
	for _, data := range bombs() {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := DecodeBytes(data, DecodeOptions{MaxPixels: 1 << 14})
		if err != nil {
			return
		}
		m.check("decoded")
		again := decoded(t, encoded(t, m, PNG))
		require.Equal(t, m.Pixels.Shape(), again.Pixels.Shape())
		if m.Depth == 8 {
			require.Equal(t, m.nrgba().Pix, again.nrgba().Pix)
		}
		for _, format := range []Format{JPEG, GIF, BMP, TIFF} {
			_ = decoded(t, encoded(t, m, format))
		}
	})
}

func FuzzEXIF(f *testing.F) {
	f.Add(exifWith(binary.LittleEndian, 6))
	f.Add(append([]byte("Exif\x00\x00"), exifWith(binary.BigEndian, 8)...))
	f.Add(samples(f)["rgba.tif"])
	f.Fuzz(func(t *testing.T, data []byte) {
		o := exifOrientation(data)
		require.True(t, o >= 1 && o <= 8)
		if d, ok := parseDirectory(data); ok {
			require.LessOrEqual(t, len(d.bytes(tagICC)), len(data))
		}
	})
}

// FuzzMetadata feeds the container walkers what no decoder has judged.
func FuzzMetadata(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if format := sniff(data); format != "" {
			m := readMetadata(format, data)
			require.True(t, m.orientation >= 1 && m.orientation <= 8)
		}
	})
}
