package lapgan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
)

// OpenFile reads a level that [Save] wrote.
func OpenFile(path string) (Trained, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return Trained{}, fmt.Errorf("lapgan: %w", err)
	}
	defer f.Close()
	return open(f, path)
}

// Open reads a level from memory, such as embedded weights. Messages call it by name.
func Open(weights []byte, name string) (Trained, error) {
	f, err := checkpoint.NewFile(bytes.NewReader(weights), int64(len(weights)), name)
	if err != nil {
		return Trained{}, fmt.Errorf("lapgan: %w", err)
	}
	return open(f, name)
}

func open(f *checkpoint.File, name string) (Trained, error) {
	m, err := f.Manifest()
	if err != nil {
		return Trained{}, fmt.Errorf("lapgan: %w", err)
	}
	if m.Architecture != Architecture {
		return Trained{}, fmt.Errorf("lapgan: %s holds a network of the kind %q, not a level of a pyramid", name, m.Architecture)
	}
	var h header
	if err := m.Decode(&h); err != nil {
		return Trained{}, fmt.Errorf("lapgan: %w", err)
	}
	t, err := h.build(storedNumbers(f))
	if err != nil {
		return Trained{}, fmt.Errorf("lapgan: %s: %w", name, err)
	}
	if err := f.Load(&contents{t.Level, t.Norm}); err != nil {
		return Trained{}, fmt.Errorf("lapgan: %w", err)
	}
	return t, nil
}

// storedNumbers returns how many numbers a file holds: one that claims to be of a larger network is refused before that is
// built.
func storedNumbers(f *checkpoint.File) float64 {
	sum := 0.0
	for _, t := range f.Tensors() {
		n := 1.0
		for _, d := range t.Shape {
			n *= float64(d)
		}
		sum += n
	}
	return sum
}

func (h header) build(stored float64) (t Trained, err error) {
	op, err := ParseOperator(h.Operator)
	if err != nil {
		return t, err
	}
	t = Trained{Index: h.Index, Sizes: h.Sizes, Operator: op, Classes: h.Classes}
	if h.Index < 0 || h.Index >= len(h.Sizes) || !slices.IsSorted(h.Sizes) || h.Sizes[0] < 1 {
		return t, fmt.Errorf("no level %d in a pyramid of sizes %v", h.Index, h.Sizes)
	}
	fits := func(sizes ...int) error {
		n := 1.0
		for _, v := range sizes {
			if v < 0 {
				return errors.New("a negative size")
			}
			n *= max(float64(v), 1)
		}
		if n > stored {
			return fmt.Errorf("holds %.0f numbers, too few for the network it describes", stored)
		}
		return nil
	}
	if h.Norm != nil {
		if len(h.Norm) != 3 || fits(h.Norm...) != nil {
			return t, fmt.Errorf("a normalisation of %v", h.Norm)
		}
		t.Norm = &Norm{Mean: tensor.New(h.Norm...), Std: tensor.New(h.Norm...)}
	}
	rng := rand.New(rand.NewPCG(0, 0))
	side := 0
	switch h.Kind {
	case "dense":
		var o DenseOptions
		if err = h.net(&o); err == nil {
			o = o.withDefaults(1200)
			side = o.Side
			err = errors.Join(fits(o.Hidden, o.Hidden), fits(o.Latent, o.Hidden), fits(o.Classes, o.Hidden), fits(o.Side, o.Side, o.Channels))
		}
		if err == nil {
			t.Level = NewDense(o, rng)
		}
	case "conv":
		var o ConvOptions
		if err = h.net(&o); err == nil {
			o = o.withDefaults()
			side = o.Side
			err = errors.Join(fits(o.Width, o.Width), fits(o.Channels), fits(o.Classes, o.Side*o.planes(), o.Side*o.planes()))
		}
		if err == nil {
			t.Level = NewConv(o, rng)
		}
	case "lsun":
		var o LSUNOptions
		if err = h.net(&o); err == nil {
			side = o.Side
			err = fits(o.Channels)
		}
		if err == nil {
			t.Level = NewLSUN(o, rng)
		}
	case "quantised":
		var o quantisedOptions
		if err = h.net(&o); err == nil {
			side = o.Model.Height
			err = o.Model.Check()
		}
		if err == nil {
			err = errors.Join(fits(o.Model.Hidden, o.Model.Hidden, o.Model.Layers), fits(o.Model.Head, o.Model.Hidden),
				fits(o.Model.Values, o.Model.Channels), fits(o.Model.Low, o.Model.Hidden), fits(o.Model.Classes, o.Model.Hidden))
		}
		if err == nil {
			t.Level = &Quantised{Model: pixelrnn.New(o.Model, rng), Range: tensor.New(1), Whole: o.Whole}
		}
	default:
		return t, fmt.Errorf("no kind of level %q", h.Kind)
	}
	if err == nil && side != h.Sizes[h.Index] {
		err = fmt.Errorf("a network for %d×%d pixels at size %d", side, side, h.Sizes[h.Index])
	}
	return t, err
}

// net decodes the options of the network strictly.
func (h header) net(options any) error {
	d := json.NewDecoder(bytes.NewReader(h.Net))
	d.DisallowUnknownFields()
	return d.Decode(options)
}
