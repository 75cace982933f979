package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/pictures"
	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/idx"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor"
)

// source says which pictures to learn from or to measure by.
type source struct {
	data        string
	drawn, side int
}

func (o *source) flags(flags *flag.FlagSet) {
	flags.StringVar(&o.data, "data", "", "`folder` of MNIST, of CIFAR-10 or STL-10 binaries, or of pictures; without it, digits are drawn from fonts")
	flags.IntVar(&o.drawn, "drawn", 20_000, "digits that are drawn")
	flags.IntVar(&o.side, "side", 0, "`pixels` of a side: digits are cropped to it, pictures of a folder shrunk; 0 means as they are, 28 for digits and 32 for pictures")
}

// corpus is pictures with what a model makes of them: whole numbers below Values.
type corpus struct {
	learn, held *labelled.Images
	name        string
	digits      bool // binary, drawn anew for every batch with the probability that their grey says
}

func (o source) read() (c corpus, err error) {
	switch {
	case o.data == "":
		all := synthetic.Digits(o.drawn, 1, synthetic.DigitOptions{})
		cut := all.Len() * 5 / 6
		c = corpus{all.Slice(0, cut), all.Slice(cut, all.Len()), "drawn digits", true}
	case has(o.data, "train-images*"):
		c = corpus{name: "MNIST", digits: true}
		c.learn, c.held, err = idx.MNIST(o.data, idx.Options{})
	default:
		side := o.side
		if side == 0 {
			side = 32
		}
		var set pictures.Set
		set, err = pictures.Load(o.data, side, 0)
		for _, bad := range set.Bad {
			fmt.Fprintln(os.Stderr, "pixelrnn: left out:", bad)
		}
		return corpus{set.Learn, set.Held, set.Name, false}, err
	}
	if err == nil && o.side > 0 && o.side < c.learn.Height {
		c.learn, c.held = crop(c.learn, o.side), crop(c.held, o.side)
	}
	return c, err
}

func has(dir, pattern string) bool {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	return err == nil && len(found) > 0
}

// crop keeps the middle of pictures.
func crop(m *labelled.Images, side int) *labelled.Images {
	out := *m
	out.Height, out.Width, out.Pixels = side, side, nil
	top, left := (m.Height-side)/2, (m.Width-side)/2
	for i := range m.Len() {
		for y := range side {
			at := ((i*m.Height+top+y)*m.Width + left) * m.Channels
			out.Pixels = append(out.Pixels, m.Pixels[at:at+side*m.Channels]...)
		}
	}
	return &out
}

// numbers returns pictures with values in [0,1] as whole numbers below so many.
func (c corpus) numbers(x *tensor.Tensor, values int, rng *rand.Rand) *tensor.Tensor {
	if c.digits {
		return pixelrnn.Binarise(x, rng)
	}
	// 256 values are the bytes that the pictures were stored in; fewer are these divided into equal parts.
	y := tensor.New(x.Shape()...)
	tensor.MapInto(y, x, func(v float64) float64 { return math.Floor(math.Round(v*255) * float64(values) / 256) })
	return y
}

// batches makes batches of so many pictures.
func (c corpus) batches(size, values, classes int) data.Source[pixelrnn.Batch] {
	return data.Map(c.learn.Batches(size, labelled.BatchOptions{}), func(b labelled.Batch, rng *rand.Rand) (pixelrnn.Batch, error) {
		out := pixelrnn.Batch{X: c.numbers(b.Images, values, rng)}
		if classes > 0 {
			out.Classes = b.Labels
		}
		return out, nil
	})
}

// test returns the first n held-out pictures. Digits are the same at every call.
func (c corpus) test(n, values, classes int) pixelrnn.Batch {
	n = min(n, c.held.Len())
	x, _ := c.held.Block(0, n) // its error is always nil
	out := pixelrnn.Batch{X: c.numbers(x, values, rand.New(rand.NewPCG(7, 7)))}
	if classes > 0 {
		out.Classes = c.held.Labels[:n]
	}
	return out
}

// fits says whether a model is one of such pictures.
func (c corpus) fits(o pixelrnn.Options) error {
	m := c.held
	if o.Height != m.Height || o.Width != m.Width || o.Channels != m.Channels || c.digits != (o.Values == 2) || o.Low > 0 {
		return fmt.Errorf("it draws %d×%d pixels of %d colours with %d values; %s has %d×%d of %d", o.Width, o.Height, o.Channels, o.Values,
			c.name, m.Width, m.Height, m.Channels)
	}
	if o.Classes > 0 && o.Classes != len(m.Classes) {
		return fmt.Errorf("it knows %d classes; %s has %d", o.Classes, c.name, len(m.Classes))
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
