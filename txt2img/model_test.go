package txt2img

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
	"github.com/stretchr/testify/require"
)

// encoder returns a small encoder with random weights.
func encoder() *charcnnrnn.Encoder {
	return charcnnrnn.New(charcnnrnn.Options{Conv: [3]int{4, 4, 4}, Out: small.Embedding}, newRand(8))
}

// model returns a small model whose pictures depend on noise and sentence.
func model() *Model {
	g, e := NewGenerator(small, newRand(1)), encoder()
	// The weights of a beginner say next to nothing.
	for _, p := range append(nn.Params(e), g.Ups[0].Weight, g.Ups[1].Weight, g.Ups[2].Weight) {
		tensor.AffineInto(p.Value(), p.Value(), 8, 0)
	}
	return &Model{Generator: g, Encoder: e, Step: 7, Facts: map[string]string{"data": "none"}}
}

func pixels(images ...image.Image) []uint8 {
	var out []uint8
	for _, m := range images {
		out = append(out, m.(*image.RGBA).Pix...)
	}
	return out
}

// differ wants pictures that are not alike.
func differ(t *testing.T, a, b []uint8) {
	t.Helper()
	require.False(t, bytes.Equal(a, b), "the pictures are the same")
}

func TestPaint(t *testing.T) {
	m := model()
	eight, err := m.Paint("a red heart", Paint{N: 8, Seed: 1})
	require.NoError(t, err)
	require.Len(t, eight, 8)
	require.Equal(t, image.Rect(0, 0, 16, 16), eight[0].Bounds())
	differ(t, pixels(eight[0]), pixels(eight[1]))

	// What is painted is the generator's answer in inference, and does not depend on how much is painted.
	z, err := m.Noise(Paint{N: 8, Seed: 1})
	require.NoError(t, err)
	x := gan.Draw(m.Generator, z, repeat(m.Encoder.Encode([]string{"a red heart"}), 8))
	want := imaging.ToImage(tensor.Affine(x.Rows(5, 6).Reshape(16, 16, 3), 0.5, 0.5))
	require.Equal(t, pixels(want), pixels(eight[5]))
	one, err := m.Paint("A RED heart", Paint{Seed: 1})
	require.NoError(t, err)
	require.Equal(t, pixels(eight[0]), pixels(one...))
	other, err := m.Paint("a red heart", Paint{Seed: 2})
	require.NoError(t, err)
	differ(t, pixels(one...), pixels(other...))

	// Columns share their noise.
	rows, err := m.PaintAll([]string{"a red heart", "a blue whale", "a red heart"}, Paint{N: 3, Seed: 1})
	require.NoError(t, err)
	require.Equal(t, pixels(eight[:3]...), pixels(rows[0]...))
	require.Equal(t, pixels(rows[0]...), pixels(rows[2]...))
	differ(t, pixels(rows[0]...), pixels(rows[1]...))

	before := values(m.Generator)
	batch, err := m.Paint("a red heart", Paint{N: 70, Seed: 1, BatchStatistics: true})
	require.NoError(t, err)
	require.Len(t, batch, 70)
	differ(t, pixels(eight...), pixels(batch[:8]...))
	require.Equal(t, before, values(m.Generator), "the statistics stay as they are")
}

func TestNoise(t *testing.T) {
	m := &Model{Generator: NewGenerator(Options{Size: 16, GWidth: 2}, newRand(1))}
	z, err := m.Noise(Paint{N: 200, Seed: 3})
	require.NoError(t, err)
	require.Equal(t, []int{200, 100}, z.Shape())
	require.InDelta(t, 1, tensor.Norm(z)/sqrt(z.Len()), 0.02)
	cut, err := m.Noise(Paint{N: 200, Seed: 3, Truncate: 0.5})
	require.NoError(t, err)
	kept := 0
	for i, v := range cut.Data() {
		require.LessOrEqual(t, v*v, float32(0.25))
		if v == z.Data()[i] {
			kept++
		}
	}
	require.InDelta(t, 0.383, float64(kept)/float64(cut.Len()), 0.02, "what is near stays as it is")
	require.InDelta(t, 0.2805, tensor.Norm(cut)/sqrt(cut.Len()), 0.01, "the deviation of a normal distribution that is truncated there")

	m.Latent = gan.Uniform(7)
	z, err = m.Noise(Paint{N: 2})
	require.NoError(t, err)
	require.Equal(t, []int{2, 7}, z.Shape())
}

func TestSentencesAreChecked(t *testing.T) {
	m := model()
	for want, sentence := range map[string]string{
		"txt2img: the sentence is empty: say what to paint": " \n",
		`txt2img: the sentence "caf\xe9" is not UTF-8`:      "caf\xe9",
		"no character of the sentence":                      "сердце",
	} {
		_, err := m.Paint(sentence, Paint{})
		require.ErrorContains(t, err, want)
		_, err = m.BetweenSentences("a heart", sentence, 3, Paint{})
		require.ErrorContains(t, err, want)
		_, err = m.BetweenNoises(sentence, 3, Paint{})
		require.ErrorContains(t, err, want)
	}
	long := strings.Repeat("a red heart ", 10_000)
	cut, err := m.Paint(long, Paint{})
	require.NoError(t, err)
	whole, err := m.Paint(long[:charcnnrnn.Length], Paint{})
	require.NoError(t, err)
	require.Equal(t, pixels(whole...), pixels(cut...))
	require.Contains(t, m.Warning(long), "beyond")
	require.Contains(t, m.Warning("un cœur"), "alphabet are passed over: 1")
	require.Empty(t, m.Warning("a red heart"))
	require.Empty(t, (&Model{Encoder: colours}).Warning("сердце"))

	for want, p := range map[string]Paint{"-1 pictures": {N: -1}, "100000 pictures": {N: 100_000}, "truncated at 0.01": {Truncate: 0.01}, "truncated at -1": {Truncate: -1}} {
		_, err := m.Paint("a heart", p)
		require.ErrorContains(t, err, want)
		_, err = m.BetweenSentences("a heart", "a star", 3, p)
		require.ErrorContains(t, err, want)
		_, err = m.BetweenNoises("a heart", 3, p)
		require.ErrorContains(t, err, want)
	}
	for _, steps := range []int{-1, 1, 100_000} {
		_, err := m.BetweenSentences("a heart", "a star", steps, Paint{N: 2})
		require.ErrorContains(t, err, "2 rows of")
		_, err = m.BetweenNoises("a heart", steps, Paint{N: 2})
		require.ErrorContains(t, err, "2 rows of")
	}
	_, err = m.PaintAll(make([]string, 0), Paint{})
	require.EqualError(t, err, "txt2img: no sentences")
	_, err = m.PaintAll([]string{"a", "b"}, Paint{N: mostPictures})
	require.ErrorContains(t, err, "more than 10000")

	m.Encoder = nil
	_, err = m.Paint("a heart", Paint{})
	require.ErrorContains(t, err, "no encoder")
	m.Encoder = words{"red"}
	_, err = m.Paint("a heart", Paint{})
	require.ErrorContains(t, err, "vectors of 1 numbers, the generator wants 6")
	_, err = (&Model{Encoder: colours}).Paint("a heart", Paint{})
	require.ErrorContains(t, err, "no generator")
	m.Encoder = fussy{colours}
	_, err = m.Paint("a heart", Paint{})
	require.EqualError(t, err, "no colour in a heart")
	_, err = m.Paint("a red heart", Paint{})
	require.NoError(t, err)
}

// fussy is an encoder that refuses captions.
type fussy struct{ words }

func (f fussy) Check(caption string) error {
	if tensor.Norm(f.Encode([]string{caption})) == 0 {
		return fmt.Errorf("no colour in %s", caption)
	}
	return nil
}

func TestInterpolations(t *testing.T) {
	m := model()
	p := Paint{N: 3, Seed: 1}
	from, err := m.PaintAll([]string{"a red heart", "a blue whale"}, p)
	require.NoError(t, err)
	rows, err := m.BetweenSentences("a red heart", "a blue whale", 5, p)
	require.NoError(t, err)
	require.Len(t, rows, 3)
	for i, row := range rows {
		require.Len(t, row, 5)
		require.Equal(t, pixels(from[0][i]), pixels(row[0]))
		require.Equal(t, pixels(from[1][i]), pixels(row[4]))
	}
	// The middle is painted from the mean of the captions.
	z, err := m.Noise(p)
	require.NoError(t, err)
	mean := tensor.Mean(m.Encoder.Encode([]string{"a red heart", "a blue whale"}), 0).Reshape(1, -1)
	x := gan.Draw(m.Generator, z, repeat(mean, 3))
	for i, row := range rows {
		want := pixels(imaging.ToImage(tensor.Affine(x.Rows(i, i+1).Reshape(16, 16, 3), 0.5, 0.5)))
		require.InDeltaSlice(t, want, pixels(row[2]), 1)
	}

	six, err := m.Paint("a red heart", Paint{N: 6, Seed: 1})
	require.NoError(t, err)
	rows, err = m.BetweenNoises("a red heart", 4, p)
	require.NoError(t, err)
	for i, row := range rows {
		require.Len(t, row, 4)
		require.Equal(t, pixels(six[2*i]), pixels(row[0]))
		require.InDeltaSlice(t, pixels(six[2*i+1]), pixels(row[3]), 1)
		differ(t, pixels(row[1]), pixels(row[2]))
	}
}

// Goroutines that paint at once get what each would have got alone.
func TestPaintingTogether(t *testing.T) {
	m := model()
	want := make([][]uint8, 6)
	for i := range want {
		images, err := m.Paint("a red heart", Paint{N: 2, Seed: uint64(i)})
		require.NoError(t, err)
		want[i] = pixels(images...)
	}
	got := make([][]uint8, len(want))
	var wait sync.WaitGroup
	for i := range got {
		wait.Go(func() {
			if images, err := m.Paint("a red heart", Paint{N: 2, Seed: uint64(i)}); err == nil {
				got[i] = pixels(images...)
			}
		})
	}
	wait.Wait()
	require.Equal(t, want, got)
}

func TestSaveAndOpen(t *testing.T) {
	m := model()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	require.NoError(t, m.Save(path))
	got, err := OpenFile(path)
	require.NoError(t, err)
	require.Equal(t, m.Step, got.Step)
	require.Equal(t, m.Facts, got.Facts)
	require.Equal(t, values(m.Generator), values(got.Generator))
	require.Equal(t, values(m.Encoder), values(got.Encoder))
	want, err := m.Paint("a red heart", Paint{N: 2})
	require.NoError(t, err)
	again, err := got.Paint("a red heart", Paint{N: 2})
	require.NoError(t, err)
	require.Equal(t, pixels(want...), pixels(again...))

	whole, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, m.SaveHalf(path))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Less(t, len(b), int(whole.Size())*3/4)
	got, err = Open(b)
	require.NoError(t, err)
	again, err = got.Paint("a red heart", Paint{N: 2})
	require.NoError(t, err)
	require.InDeltaSlice(t, pixels(want...), pixels(again...), 3)
	_, err = Open(b[:len(b)/2])
	require.ErrorContains(t, err, "txt2img: ")
	_, err = OpenFile(path + "x")
	require.ErrorIs(t, err, os.ErrNotExist)

	// A model may be saved without its encoder, and one of other networks not at all.
	bare := *m
	bare.Encoder = nil
	require.NoError(t, bare.Save(path))
	got, err = OpenFile(path)
	require.NoError(t, err)
	require.Nil(t, got.Encoder)
	got.Encoder = m.Encoder
	again, err = got.Paint("a red heart", Paint{N: 2})
	require.NoError(t, err)
	require.Equal(t, pixels(want...), pixels(again...))
	bare.Encoder = colours
	require.ErrorContains(t, bare.Save(path), "an encoder of type txt2img.words cannot be saved")
	bare = Model{Generator: painter(16)}
	require.ErrorContains(t, bare.Save(path), "a generator of type *txt2img.witness cannot be saved")
	bare = Model{Generator: m.Generator, Latent: gan.Uniform(4)}
	require.ErrorContains(t, bare.SaveHalf(path), "a Latent of its own")
}

func TestForeignFilesAreErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	sizes := charcnnrnn.Options{Conv: [3]int{4, 4, 4}, RNN: 4, Out: 6}
	huge := sizes
	huge.Conv = [3]int{1 << 14, 1 << 14, 1 << 14}
	for want, c := range map[string]struct {
		architecture string
		options      any
	}{
		`of the kind "srresnet"`:    {"srresnet", nil},
		"wings":                     {Architecture, map[string]int{"wings": 2}},
		"pictures of 48×48":         {Architecture, header{Generator: Options{Size: 48}}},
		"too few for the generator": {Architecture, header{Generator: Options{GWidth: 1 << 14, Size: 512}}},
		"too few for the encoder":   {Architecture, header{Generator: small, Encoder: &huge}},
		"the encoder lacks a size":  {Architecture, header{Generator: small, Encoder: &charcnnrnn.Options{}}},
		"charcnnrnn: ":              {Architecture, header{Generator: small, Encoder: &charcnnrnn.Options{Out: -1}}},
		"the model wants":           {Architecture, header{Generator: Options{Size: 16, Latent: 5, Embedding: 6, Text: 4, GWidth: 8}}},
		"encoder.conv1.weight":      {Architecture, header{Generator: small, Encoder: &sizes}},
	} {
		require.NoError(t, checkpoint.Save(path, &contents{Generator: NewGenerator(small, newRand(1))}, checkpoint.NewManifest(c.architecture, c.options)))
		_, err := OpenFile(path)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "\n")
	}
	require.NoError(t, checkpoint.Save(path, nn.NewLinear(2, 2, nn.LinearOptions{}, newRand(1)), checkpoint.Manifest{}))
	_, err := OpenFile(path)
	require.Error(t, err)
}

func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "model.safetensors")
	require.NoError(f, (&Model{Generator: NewGenerator(Options{Size: 16, Latent: 1, Embedding: 1, Text: 1, GWidth: 1}, newRand(1))}).Save(path))
	b, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add([]byte(strings.Replace(string(b), `16`, `32`, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := Open(b); err == nil {
			_, err := m.Noise(Paint{})
			require.NoError(t, err)
		}
	})
}

// No description makes networks that are much larger than the file it is in.
func FuzzDescription(f *testing.F) {
	for _, h := range []header{{Generator: small}, {Generator: Options{Size: 128, GWidth: 1, Plain: true}, Encoder: &charcnnrnn.Options{}},
		{Generator: small, Encoder: &encoder().Options}} {
		b, err := json.Marshal(h)
		require.NoError(f, err)
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, text string) {
		var h header
		if (checkpoint.Manifest{Options: json.RawMessage(text)}).Decode(&h) != nil {
			return
		}
		const stored = 20_000
		if c, err := h.build(stored); err == nil {
			require.Less(t, nn.NumParams(c), 10*stored)
		}
	})
}

func TestNearest(t *testing.T) {
	rng := newRand(4)
	set := &labelled.Images{Height: 4, Width: 4, Channels: 3}
	for range 70 * 48 {
		set.Pixels = append(set.Pixels, uint8(rng.IntN(256)))
	}
	all, err := set.Block(0, 70)
	require.NoError(t, err)
	all = tensor.Affine(all, 2, -1)
	x := tensor.Concat(0, all.Rows(3, 4), tensor.Flip(all.Rows(68, 69), 2), tensor.Affine(all.Rows(9, 10), 1, 0.125))
	got := Nearest(x, set, nil)
	require.Equal(t, []Neighbour{{Index: 3}, {Index: 68, Mirrored: true}, {Index: 9, Distance: got[2].Distance}}, got)
	require.InDelta(t, 0.125, got[2].Distance, 1e-6)

	// By a feature alone, here the mean of the red.
	red := func(x *tensor.Tensor) *tensor.Tensor {
		out := tensor.New(x.Dim(0), 1)
		for i := range x.Dim(0) {
			for y := range 4 {
				for c := range 4 {
					out.Set(out.At(i, 0)+x.At(i, y, c, 0)/16, i, 0)
				}
			}
		}
		return out
	}
	shuffled := tensor.Roll(all.Rows(5, 6), 1, 1)
	require.Equal(t, 5, Nearest(shuffled, set, red)[0].Index)
	// Pictures of the set are brought to the size of what is painted.
	require.Equal(t, 5, Nearest(tensor.Resize(all.Rows(5, 6), 8, 8, tensor.Bicubic), set, nil)[0].Index)
	require.Panics(t, func() { Nearest(tensor.New(1, 4, 4, 1), set, nil) })
	require.Panics(t, func() { Nearest(x, set.Slice(0, 0), nil) })
}
