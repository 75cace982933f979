package main

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/idx"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/placed"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
	"github.com/gander-ml/gander/txt2img/draw"
)

// source are the flags that say what pictures there are.
type source struct {
	pictures          captions.Flags
	digits            string
	ban               uint64
	size              int
	shortest, longest int
	encoder           string
	batch             int // pictures in a batch to learn from; 0 means batchSize
}

func (s *source) flags(flags *flag.FlagSet) {
	s.pictures.Define(flags, "digits", 24_000)
	flags.StringVar(&s.digits, "digits", "", "`folder` with the four files of MNIST, instead of digits drawn from fonts")
	flags.Uint64Var(&s.ban, "ban", 1, "what the draw of combinations of digit and place starts from that are kept from training")
	flags.IntVar(&s.size, "size", 32, "`side` that pictures of -data are brought to")
	flags.IntVar(&s.shortest, "shortest", 1, "`words` of the shortest captions of -data that are taken; 7 for MS-COCO in the paper")
	flags.IntVar(&s.longest, "longest", 40, "`words` of the longest ones; 29 in the paper")
	flags.StringVar(&s.encoder, "encoder", "", "`file` of an encoder of sentences made by examples/txt2img, for -kind sentence")
}

func (s *source) check() error {
	if err := s.pictures.Check(); err != nil {
		return err
	}
	switch {
	case s.pictures.Dir != "" && s.digits != "":
		return cli.Usage("-data is pictures with captions and -digits is digits; give one of them")
	case s.size < 8 || s.size > 256:
		return cli.Usage("-size must be 8 to 256")
	case s.shortest < 1 || s.longest < s.shortest:
		return cli.Usage("-shortest must be at least 1, and -longest no less")
	}
	return nil
}

// corpus is what there is to learn from and to be measured on.
type corpus struct {
	name string

	learn, held data.Source[draw.Batch]

	// Of captioned digits: the digits, and the scenes to learn from and those that are kept from training.
	digits          *labelled.Images
	test            *placed.Set
	allowed, banned []placed.Scene

	// Of pictures with captions.
	captioned, captionedHeld *draw.Captioned // the second is nil if there are none

	vocabulary             draw.Vocabulary
	height, width, channel int
	sentence               int // numbers in a vector
}

const batchSize = 100

// learned is how many pictures there are in a batch to learn from.
func (s *source) learned() int { return cmp.Or(s.batch, batchSize) }

// load reads what a model of a kind learns from. vocabulary is the model's, nil for one that is not made yet.
func (s *source) load(kind draw.Conditioning, vocabulary draw.Vocabulary) (*corpus, error) {
	switch {
	case s.pictures.Dir != "":
		return s.loadPictures(kind, vocabulary)
	case kind == draw.Sentence:
		return nil, cli.Usage("-kind sentence needs -data, pictures with captions, and -encoder")
	}
	c := &corpus{name: "drawn digits", channel: 1}
	var learn, test *labelled.Images
	if s.digits == "" {
		// Noise would cost a hundred nats that no model can save.
		still := synthetic.DigitOptions{Noise: -1}
		learn = synthetic.Digits(s.pictures.Drawn, 1, still)
		test = synthetic.Digits(max(s.pictures.Drawn/5, 100), 2, still)
	} else {
		c.name = "MNIST"
		var err error
		if learn, test, err = idx.MNIST(s.digits, idx.Options{}); err != nil {
			return nil, err
		}
	}
	c.digits = learn
	if kind == draw.Free {
		c.height, c.width = learn.Height, learn.Width
		c.learn, c.held = binarised(learn, s.learned()), binarised(test, batchSize)
		return c, nil
	}
	c.name = "captioned " + c.name
	c.height, c.width = placed.Side, placed.Side
	c.allowed, c.banned = placed.NewBan(s.ban).Split()
	var all []string
	for _, scene := range placed.All() {
		all = append(all, scene.Caption())
	}
	if c.vocabulary = vocabulary; vocabulary == nil {
		c.vocabulary = draw.NewVocabulary(all, 0)
	}
	set, err := placed.New(learn, c.allowed)
	if err != nil {
		return nil, err
	}
	if c.test, err = placed.New(test, c.allowed); err != nil {
		return nil, err
	}
	c.learn, c.held = c.scenes(set, s.learned()), c.scenes(c.test, batchSize)
	return c, nil
}

// loadPictures reads pictures with captions.
func (s *source) loadPictures(kind draw.Conditioning, vocabulary draw.Vocabulary) (*corpus, error) {
	pictures, err := s.pictures.Load(s.size)
	if err != nil {
		return nil, err
	}
	c := &corpus{name: pictures.Name, height: s.size, width: s.size, channel: 3, vocabulary: vocabulary}
	if kind == draw.Free {
		c.learn, c.held = plain(pictures.Learn.Images, s.learned()), plain(pictures.Learn.Images, batchSize)
		if pictures.Held != nil {
			c.held = plain(pictures.Held.Images, batchSize)
		}
		return c, nil
	}
	var encoder *charcnnrnn.Encoder
	if kind == draw.Sentence {
		if s.encoder == "" {
			return nil, cli.Usage("-kind sentence needs -encoder, a file that examples/txt2img encode makes")
		}
		if encoder, err = charcnnrnn.OpenFile(s.encoder); err != nil {
			return nil, err
		}
		c.sentence = encoder.Width()
	} else if vocabulary == nil {
		c.vocabulary = draw.NewVocabulary(slices.Concat(pictures.Learn.Captions...), 0)
	}
	captioned := func(p *caption.Pictures) (*draw.Captioned, error) {
		o := draw.CaptionedOptions{Shortest: s.shortest, Longest: s.longest}
		if encoder != nil {
			if o.Vectors, err = txt2img.Embed(encoder, p.Captions); err != nil {
				return nil, err
			}
		}
		return draw.NewCaptioned(p, c.vocabulary, o)
	}
	if c.captioned, err = captioned(pictures.Learn); err != nil {
		return nil, err
	}
	c.learn, c.held = c.captioned.Batches(s.learned()), c.captioned.Batches(batchSize)
	if pictures.Held != nil {
		if c.captionedHeld, err = captioned(pictures.Held); err != nil {
			return nil, err
		}
		c.held = c.captionedHeld.Batches(batchSize)
	}
	return c, nil
}

// scenes makes batches of captioned digits.
func (c *corpus) scenes(set *placed.Set, size int) data.Source[draw.Batch] {
	return data.Map(set.Batches(size), func(b placed.Batch, _ *rand.Rand) (draw.Batch, error) {
		text, err := c.read(b.Scenes)
		return draw.Batch{Images: b.Images, Text: text}, err
	})
}

// read returns the text of scenes.
func (c *corpus) read(scenes []placed.Scene) (draw.Text, error) {
	all := make([]string, len(scenes))
	for i, s := range scenes {
		all[i] = s.Caption()
		if missing := c.vocabulary.Unknown(all[i]); missing != nil {
			return draw.Text{}, fmt.Errorf("the model does not know the words %s of the captions of digits", strings.Join(missing, ", "))
		}
	}
	return c.vocabulary.Read(all...)
}

// binarised makes batches of pictures whose pixels are drawn anew each time, as DRAW learns from MNIST.
func binarised(m *labelled.Images, size int) data.Source[draw.Batch] {
	return data.Map(m.Batches(size, labelled.BatchOptions{}), func(b labelled.Batch, rng *rand.Rand) (draw.Batch, error) {
		return draw.Batch{Images: draw.Binarise(b.Images, rng)}, nil
	})
}

// plain makes batches of pictures as they are.
func plain(m *labelled.Images, size int) data.Source[draw.Batch] {
	return data.Map(m.Batches(size, labelled.BatchOptions{}), func(b labelled.Batch, _ *rand.Rand) (draw.Batch, error) {
		return draw.Batch{Images: b.Images}, nil
	})
}
