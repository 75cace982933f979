package main

import (
	"fmt"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/draw"
)

// painter paints each of some captions once: (N,S,S,3) with values in [-1,1]. Everything that is measured is one.
type painter interface {
	paint(captions []string, seed uint64) (*tensor.Tensor, error)
}

// openPainter reads a model of this program or, to compare it with, of examples/draw.
func openPainter(path string) (painter, error) {
	if path != "" {
		about, err := checkpoint.ReadManifest(path)
		if err != nil {
			return nil, err
		}
		if about.Architecture == draw.Architecture {
			m, _, err := draw.OpenFile(path)
			if err != nil {
				return nil, err
			}
			if o := m.Options; m.Vocabulary == nil || o.Channels != 3 || o.Height != o.Width {
				return nil, fmt.Errorf("%s paints %d×%d pixels in %d channels from %v; want a square in 3 from a caption", path, o.Width, o.Height, o.Channels, o.Text)
			}
			return recurrent{m}, nil
		}
	}
	m, err := openModel(path)
	return adversarial{m}, err
}

// adversarial is a generator of this program.
type adversarial struct{ *txt2img.Model }

func (m adversarial) paint(captions []string, seed uint64) (*tensor.Tensor, error) {
	texts, err := txt2img.Embed(m.Encoder, [][]string{captions})
	if err != nil {
		return nil, err
	}
	z, err := m.Noise(txt2img.Paint{N: len(captions), Seed: seed})
	if err != nil {
		return nil, err
	}
	return gan.Draw(m.Generator, z, texts[0]), nil
}

// recurrent is a model of examples/draw.
type recurrent struct{ *draw.Model }

// paint implements painter. Captions of as many words are painted together.
func (m recurrent) paint(captions []string, seed uint64) (*tensor.Tensor, error) {
	const most = 100
	var lengths []int
	groups := map[int][]int{}
	for i, c := range captions {
		n := len(draw.Words(c))
		if groups[n] == nil {
			lengths = append(lengths, n)
		}
		groups[n] = append(groups[n], i)
	}
	side := m.Options.Height
	out := tensor.New(len(captions), side, side, 3)
	for _, n := range lengths {
		for g := groups[n]; len(g) > 0; {
			now := g[:min(most, len(g))]
			g = g[len(now):]
			var some []string
			for _, i := range now {
				some = append(some, captions[i])
			}
			text, err := m.read(some)
			if err != nil {
				return nil, err
			}
			painted := m.Sample(len(now), text, data.Stream(seed, uint64(now[0]))).Last()
			for k, i := range now {
				out.Rows(i, i+1).CopyFrom(tensor.Affine(painted.Rows(k, k+1), 2, -1))
			}
		}
	}
	return out, nil
}

// read returns captions of equally many words. One of which no word is known is read as so many unknown ones, so that it counts
// in what is measured.
func (m recurrent) read(captions []string) (draw.Text, error) {
	var out draw.Text
	for _, c := range captions {
		if n := len(draw.Words(c)); n > 0 && len(m.Vocabulary.Unknown(c)) == n {
			out.Words, out.Length = append(out.Words, make([]int, n)...), n
			continue
		}
		text, err := m.Vocabulary.Read(c)
		if err != nil {
			return draw.Text{}, err
		}
		out.Words, out.Length = append(out.Words, text.Words...), text.Length
	}
	return out, nil
}
