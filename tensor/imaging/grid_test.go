package imaging

import (
	"image"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor"
)

func TestPlainGrid(t *testing.T) {
	x := tensor.New(3, 2, 2, 1)
	x.Rows(1, 2).Fill(1)
	x.Rows(2, 3).Fill(0.5)
	got := Grid{Columns: 2, Pad: 1}.Compose(x)
	require.Equal(t, []int{7, 7, 3}, got.Pixels.Shape())
	want := []string{
		"#######",
		"#..###.",
		"#..###.",
		"#######",
		"#oo####",
		"#oo####",
		"#######",
	}
	want[1], want[2] = "#..####", "#..####" // the second picture is white on white
	for y, row := range want {
		for x, c := range row {
			v := map[rune]float32{'#': 1, '.': 0, 'o': 128. / 255}[c]
			require.Equal(t, v, got.Pixels.At(y, x, 0), "row %d, column %d", y, x)
		}
	}
	require.Equal(t, []int{6, 6, 3}, Grid{Pad: -1}.Compose(tensor.New(9, 2, 2, 3)).Pixels.Shape())
	require.Equal(t, []int{14, 14, 3}, Grid{Zoom: 3}.Compose(tensor.New(2, 2, 1)).Pixels.Shape())
}

func TestGridRangeAndGaps(t *testing.T) {
	x := tensor.Full(-1, 1, 1, 1)
	got := Grid{Pad: -1, Columns: 3, Range: [2]float32{-1, 1}, Dark: true}.Compose(x, nil, tensor.New(1, 1, 3))
	// A gap has the width of its column, which is none here.
	require.Equal(t, []int{1, 2, 3}, got.Pixels.Shape())
	require.Equal(t, []float32{0, 0, 0, 128. / 255, 128. / 255, 128. / 255}, got.Pixels.Data())
	require.Panics(t, func() { Grid{}.Compose() })
	require.Panics(t, func() { Grid{}.Compose(tensor.New(3, 3)) })
	require.Panics(t, func() { Grid{}.Compose(tensor.New(3, 3, 2)) })
}

// ink counts the pixels that are not paper in a part of the picture.
func ink(m *Image, r image.Rectangle) int {
	n := 0
	for _, v := range Crop(m.Pixels, r).Data() {
		if v < 0.7 {
			n++
		}
	}
	return n
}

func TestCaptionsTakeRoomAndInk(t *testing.T) {
	white := tensor.Full(1, 4, 30, 30, 3)
	plain := Grid{}.Compose(white)
	require.Zero(t, ink(plain, image.Rect(0, 0, plain.Width(), plain.Height())))
	h, w := plain.Height(), plain.Width()

	m := Grid{Title: "Title"}.Compose(white)
	require.Greater(t, m.Height(), h)
	require.Positive(t, ink(m, image.Rect(0, 0, m.Width(), m.Height()-h)))

	m = Grid{RowLabels: []string{"first", "second"}}.Compose(white)
	require.Equal(t, h, m.Height())
	require.Positive(t, ink(m, image.Rect(0, 0, m.Width()-w, h/2)))
	require.Positive(t, ink(m, image.Rect(0, h/2, m.Width()-w, h)))

	m = Grid{ColumnLabels: []string{"", "here"}}.Compose(white)
	require.Positive(t, ink(m, image.Rect(m.Width()/2, 0, m.Width(), m.Height()-h)))
	require.Zero(t, ink(m, image.Rect(0, 0, 30, m.Height()-h)))

	m = Grid{Labels: []string{"a", "b", "c", "d"}}.Compose(white)
	require.Positive(t, ink(m, image.Rect(0, m.Height()-15, m.Width(), m.Height())))
	require.Equal(t, w+4, m.Width()) // captions keep 8 pixels apart
}

func TestCaptionsNeverPanicNorOverflow(t *testing.T) {
	set := newTypesetter(13, image.Black.C)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-z]{1,30}[ \n]){0,30}`)).Draw(t, "s")
		width := rapid.IntRange(20, 300).Draw(t, "width")
		lines := set.wrap(s, width)
		require.LessOrEqual(t, len(lines), maxLines)
		for _, l := range lines {
			require.LessOrEqual(t, set.width(l), width, "%q", l)
		}
	})
	require.Equal(t, []string{"a bird"}, set.wrap("  a \t bird\x00 \n\xff", 200))
	require.Equal(t, []string{"one", "two"}, set.wrap("one\ntwo", 200))
	long := set.wrap(strings.Repeat("word ", 10_000), 100)
	require.Len(t, long, maxLines)
	require.True(t, strings.HasSuffix(long[maxLines-1], "…"))
	Grid{Labels: []string{strings.Repeat("x", 1<<20)}}.Compose(tensor.New(1, 1, 1))
}

func TestEveryWordIsShown(t *testing.T) {
	set := newTypesetter(13, image.Black.C)
	text := "this small bird has a red crown and a short pointed beak"
	require.Equal(t, text, strings.Join(set.wrap(text, 120), " "))
	require.Equal(t, "incomprehensibilities", strings.Join(set.wrap("incomprehensibilities", 50), ""))
}

func TestCropAndEnlarge(t *testing.T) {
	x := tensor.Arange(12).Reshape(3, 4, 1)
	c := Crop(x, image.Rect(1, 0, 3, 2))
	require.Equal(t, []int{2, 2, 1}, c.Shape())
	require.Equal(t, []float32{1, 2, 5, 6}, c.Data())
	e := Enlarge(c, 2)
	require.Equal(t, []float32{1, 1, 2, 2, 1, 1, 2, 2, 5, 5, 6, 6, 5, 5, 6, 6}, e.Data())
	require.Equal(t, []float32{0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3},
		Enlarge(tensor.Arange(4).Reshape(2, 1, 2), 2).Data())
	require.Panics(t, func() { Crop(x, image.Rect(1, 0, 5, 2)) })
	require.Panics(t, func() { Crop(x, image.Rect(1, 1, 1, 2)) })
	require.Panics(t, func() { Enlarge(x, 0) })
}

func TestCompare(t *testing.T) {
	black, white := tensor.New(20, 20, 3), tensor.Full(1, 20, 20, 3)
	black.Set(1, 3, 3, 0)
	crops := []image.Rectangle{image.Rect(2, 2, 6, 6), image.Rect(10, 10, 14, 16)}
	m := Compare(Grid{Pad: 2, Zoom: 4}, crops, Version{"bicubic", "28.42 dB", black}, Version{Name: "original", Pixels: white})
	require.Greater(t, m.Width(), 2*16)
	require.Greater(t, m.Height(), 16+24+2*13) // two lines of caption
	red := 0
	for i := 0; i < m.Pixels.Len(); i += 3 {
		if p := m.Pixels.Data()[i : i+3]; p[0] == 1 && p[1] == 0 && p[2] == 0 {
			red++
		}
	}
	require.Equal(t, 16, red)
	require.Panics(t, func() { Compare(Grid{}, crops, Version{Pixels: black}, Version{Pixels: tensor.New(4, 4, 3)}) })
	require.Panics(t, func() { Compare(Grid{}, nil, Version{Pixels: black}) })
}
