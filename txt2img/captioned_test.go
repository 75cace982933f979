package txt2img

import (
	"fmt"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// numbered returns n pictures of 10×10 pixels in classes: the red of picture i is i, green is the column and blue the row.
// Picture i has captions i+0, i+0.25, i+0.5 and i+0.75.
func numbered(classes ...int) Captioned {
	m := &labelled.Images{Height: 10, Width: 10, Channels: 3, Labels: classes}
	c := Captioned{Images: m, Size: 8, Batch: 200}
	for i, k := range classes {
		for len(m.Classes) <= k {
			m.Classes = append(m.Classes, fmt.Sprint(len(m.Classes)))
		}
		for y := range 10 {
			for x := range 10 {
				m.Pixels = append(m.Pixels, uint8(i), uint8(x), uint8(y))
			}
		}
		f := float32(i)
		c.Texts = append(c.Texts, tensor.FromSlice([]float32{f, f + 0.25, f + 0.5, f + 0.75}, 4, 1))
	}
	return c
}

func batchOf(t *testing.T, c Captioned) Batch {
	t.Helper()
	src, err := c.Source()
	require.NoError(t, err)
	b, err := src.Batch(0, newRand(1))
	require.NoError(t, err)
	return b
}

// byteAt returns a channel of a pixel as the byte it was.
func byteAt(x *tensor.Tensor, i ...int) int { return int((x.At(i...)+1)*127.5 + 0.5) }

func TestPairs(t *testing.T) {
	classes := []int{0, 0, 0, 0, 0, 0, 2, 3, 3} // class 1 has no pictures
	c := numbered(classes...)
	for _, others := range []bool{false, true} {
		c.Others = others
		c.Average = 1
		b := batchOf(t, c)
		require.Equal(t, []int{200, 8, 8, 3}, b.Right.Shape())
		seen, seenClass, same := map[int]int{}, map[int]int{}, 0
		for i := range 200 {
			right, wrong := byteAt(b.Right, i, 0, 0, 0), byteAt(b.Wrong, i, 0, 0, 0)
			require.NotEqual(t, right, wrong)
			require.Equal(t, right, int(b.Text.At(i, 0)), "the caption is the picture's own")
			require.Equal(t, wrong, int(b.WrongText.At(i, 0)))
			if classes[right] == classes[wrong] {
				same++
			}
			seen[right]++
			seenClass[classes[wrong]]++
		}
		require.Len(t, seen, 9)
		if others {
			require.Greater(t, same, 50, "any two pictures")
			require.InDelta(t, 200/9, seenClass[2], 15, "pictures are equally likely")
		} else {
			require.Zero(t, same)
			require.InDelta(t, 200/3, seenClass[2], 25, "classes are equally likely")
		}
	}
}

func TestPieces(t *testing.T) {
	c := numbered(0, 1)
	for _, plain := range []bool{false, true} {
		c.NoFlip = plain
		b := batchOf(t, c)
		corners, flipped := map[[2]int]bool{}, 0
		for i := range 200 {
			left, top, step := byteAt(b.Right, i, 0, 0, 1), byteAt(b.Right, i, 0, 0, 2), 1
			if byteAt(b.Right, i, 0, 7, 1) < left {
				step, left = -1, left-7
				flipped++
			}
			corners[[2]int{left, top}] = true
			for y := range 8 {
				for x := range 8 {
					at := x
					if step < 0 {
						at = 7 - x
					}
					require.Equal(t, left+at, byteAt(b.Right, i, y, x, 1))
					require.Equal(t, top+y, byteAt(b.Right, i, y, x, 2))
				}
			}
		}
		require.Len(t, corners, 9, "all of 3×3 places")
		if plain {
			require.Zero(t, flipped)
		} else {
			require.InDelta(t, 100, flipped, 25)
		}
	}
	// The ends of the range.
	m := &labelled.Images{Height: 1, Width: 1, Channels: 3, Pixels: []uint8{0, 255, 0, 0, 255, 0}}
	text := tensor.New(1, 1)
	b := batchOf(t, Captioned{Images: m, Texts: []*tensor.Tensor{text, text}, Size: 1, Batch: 1, Others: true})
	require.Equal(t, []float32{-1, 1, -1}, b.Right.Data())
}

func TestCaptionsAreAveraged(t *testing.T) {
	c := numbered(0, 1)
	sums := func() map[float32]int {
		b := batchOf(t, c)
		out := map[float32]int{}
		for i := range 200 {
			out[b.Text.At(i, 0)-float32(byteAt(b.Right, i, 0, 0, 0))]++
		}
		return out
	}
	c.Average, c.Distinct = 4, true
	require.Equal(t, map[float32]int{0.375: 200}, sums(), "all of them")
	c.Average = 9
	require.Equal(t, map[float32]int{0.375: 200}, sums(), "there are no more")
	c.Average = 2
	require.Len(t, sums(), 5, "(0+1)/2 to (2+3)/2 of four")
	c.Distinct = false
	require.Len(t, sums(), 7, "(0+0)/2 to (3+3)/2")
	c.Average = 1
	require.Len(t, sums(), 4)
	c.Average = 0 // four, of which one may be drawn four times
	got := sums()
	require.Greater(t, len(got), 7)
	require.Greater(t, got[0.375], got[0.125])
}

func TestCaptionedIsChecked(t *testing.T) {
	good := numbered(0, 1, 1)
	for want, change := range map[string]func(c *Captioned){
		"captions without Images":         func(c *Captioned) { c.Images = nil },
		"pictures of 10×10":               func(c *Captioned) { c.Size = 11 },
		"batches of -1":                   func(c *Captioned) { c.Batch = -1 },
		"mean of -1":                      func(c *Captioned) { c.Average = -1 },
		"3 pictures and captions of 2":    func(c *Captioned) { c.Texts = c.Texts[:2] },
		"captions of picture 1: want":     func(c *Captioned) { c.Texts = []*tensor.Tensor{c.Texts[0], tensor.New(4, 2), c.Texts[2]} },
		"got none":                        func(c *Captioned) { c.Texts = []*tensor.Tensor{c.Texts[0], nil, c.Texts[2]} },
		"pictures of 1 classes; want two": func(c *Captioned) { c.Images = c.Images.Subset([]int{1, 2}); c.Texts = c.Texts[1:] },
		"pictures of 0 classes; want two": func(c *Captioned) { m := *c.Images; m.Labels = nil; c.Images = &m },
		"1 pictures; want two or more":    func(c *Captioned) { c.Images = c.Images.Subset([]int{1}); c.Texts = c.Texts[1:2] },
		"labelled: ":                      func(c *Captioned) { m := *c.Images; m.Pixels = m.Pixels[1:]; c.Images = &m },
		"pictures of 1 channels; want 3":  func(c *Captioned) { m := *c.Images; m.Channels, m.Width = 1, 30; c.Images = &m },
	} {
		c := good
		change(&c)
		_, err := c.Source()
		require.ErrorContains(t, err, want)
	}
	c := good
	m := *c.Images
	m.Labels = nil
	c.Images, c.Others = &m, true
	require.NoError(t, c.Check())
	require.Equal(t, 1, c.Batches())
	c.Batch = 2
	require.Equal(t, 1, c.Batches())
	c.Batch = 1
	require.Equal(t, 3, c.Batches())
	require.Equal(t, 76, Uncropped(64))
	require.Equal(t, 19, Uncropped(16))
}

// A batch is a function of the random numbers alone, also in memory that was used before.
func TestBatchesAreRecycled(t *testing.T) {
	c := numbered(0, 1, 2, 0)
	c.Batch = 5
	src, err := c.Source()
	require.NoError(t, err)
	first, err := src.Batch(0, newRand(1))
	require.NoError(t, err)
	want := append([]float32{}, first.Text.Data()...)
	pictures := append([]float32{}, first.Wrong.Data()...)
	src.(data.Recycler[Batch]).Recycle(first)
	second, err := src.Batch(1, newRand(2))
	require.NoError(t, err)
	require.True(t, tensor.SharesMemory(first.Right, second.Right))
	require.NotEqual(t, want, second.Text.Data())
	again, err := src.Batch(0, newRand(1))
	require.NoError(t, err)
	require.Equal(t, want, again.Text.Data())
	require.Equal(t, pictures, again.Wrong.Data())

	part, err := data.Shard(Batch{Right: again.Right.Rows(0, 4), Text: again.Text.Rows(0, 4)}, 1, 2)
	require.NoError(t, err)
	require.Equal(t, again.Text.Rows(2, 4).Data(), part.Text.Data())
	require.Nil(t, part.Wrong)
	_, err = data.Shard(again, 0, 2)
	require.Error(t, err)
}

func TestEmbed(t *testing.T) {
	got, err := Embed(colours, [][]string{{"a red heart", "a blue and green one"}, {"an orange"}})
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0}, got[0].Data())
	require.Equal(t, []int{1, 6}, got[1].Shape())
	_, err = Embed(colours, [][]string{{"red"}, {}})
	require.EqualError(t, err, "txt2img: picture 1 has no caption")
	_, err = Embed(colours, [][]string{{"red"}, {"blue", " "}})
	require.EqualError(t, err, "txt2img: the sentence is empty: say what to paint (a caption of picture 1)")
	_, err = Embed(colours, [][]string{{"caf\xe9"}})
	require.EqualError(t, err, `txt2img: the sentence "caf\xe9" is not UTF-8 (a caption of picture 0)`)
}
