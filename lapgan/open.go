package lapgan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"

	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
)

// OpenFile reads a level that [Save] wrote. kinds are those of one's own.
func OpenFile(path string, kinds ...Kind) (Trained, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return Trained{}, fmt.Errorf("lapgan: %w", err)
	}
	defer f.Close()
	return open(f, path, kinds)
}

// Open reads a level from memory, such as embedded weights. Messages call it by name.
func Open(weights []byte, name string, kinds ...Kind) (Trained, error) {
	f, err := checkpoint.NewFile(bytes.NewReader(weights), int64(len(weights)), name)
	if err != nil {
		return Trained{}, fmt.Errorf("lapgan: %w", err)
	}
	return open(f, name, kinds)
}

// OpenFS reads the pyramid of all files level-*.safetensors of a folder, such as an embedded one, and the names of its classes.
func OpenFS(files fs.FS, kinds ...Kind) (Pyramid, []string, error) {
	names, err := fs.Glob(files, "level-*.safetensors")
	if err != nil {
		return Pyramid{}, nil, fmt.Errorf("lapgan: %w", err)
	}
	if len(names) == 0 {
		return Pyramid{}, nil, errors.New("lapgan: the folder holds no files level-*.safetensors")
	}
	var levels []Trained
	for _, name := range names {
		weights, err := fs.ReadFile(files, name)
		if err != nil {
			return Pyramid{}, nil, fmt.Errorf("lapgan: %w", err)
		}
		t, err := Open(weights, name, kinds...)
		if err != nil {
			return Pyramid{}, nil, err
		}
		levels = append(levels, t)
	}
	p, err := Assemble(levels...)
	if err != nil {
		return Pyramid{}, nil, err
	}
	return p, levels[0].Classes, nil
}

func open(f *checkpoint.File, name string, kinds []Kind) (Trained, error) {
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
	t, err := h.build(storedNumbers(f), kinds)
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

func (h header) build(stored float64, kinds []Kind) (t Trained, err error) {
	op, err := ParseOperator(h.Operator)
	if err != nil {
		return t, err
	}
	t = Trained{Index: h.Index, Sizes: h.Sizes, Operator: op, Classes: h.Classes}
	if h.Index < 0 || h.Index >= len(h.Sizes) || !slices.IsSorted(h.Sizes) || h.Sizes[0] < 1 {
		return t, fmt.Errorf("no level %d in a pyramid of sizes %v", h.Index, h.Sizes)
	}
	// fits refuses a network of more numbers than the file holds; products of sizes from a file do not fit an int.
	fits := func(numbers float64, sizes ...int) error {
		for _, v := range sizes {
			if v < 0 {
				return errors.New("a negative size")
			}
		}
		if numbers > stored {
			return fmt.Errorf("holds %.0f numbers, too few for the network it describes", stored)
		}
		return nil
	}
	if h.Norm != nil {
		if len(h.Norm) != 3 || fits(float64(h.Norm[0])*float64(h.Norm[1])*float64(h.Norm[2]), h.Norm...) != nil || slices.Contains(h.Norm, 0) {
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
			err = fits(o.weights(), o.Side, o.Channels, o.Classes, o.Latent, o.Hidden)
		}
		if err == nil {
			t.Level = NewDense(o, rng)
		}
	case "conv":
		var o ConvOptions
		if err = h.net(&o); err == nil {
			o = o.withDefaults()
			side = o.Side
			err = fits(o.weights(), o.Side, o.Channels, o.Classes, o.Width)
		}
		if err == nil {
			t.Level = NewConv(o, rng)
		}
	case "lsun":
		var o LSUNOptions
		if err = h.net(&o); err == nil {
			side = o.Side
			err = fits(o.weights(), o.Side, o.Channels)
		}
		if err == nil {
			t.Level = NewLSUN(o, rng)
		}
	case "deep":
		var o DeepOptions
		if err = h.net(&o); err == nil {
			err = o.Check()
		}
		if err == nil {
			o = o.withDefaults()
			side = o.Side
			err = fits(o.weights())
		}
		if err == nil {
			t.Level = NewDeep(o, rng)
		}
	case "quantised":
		var o quantisedOptions
		if err = h.net(&o); err == nil {
			side = o.Model.Height
			err = o.Model.Check()
		}
		if err == nil {
			err = fits(o.Model.LeastWeights())
		}
		if err == nil {
			t.Level = &Quantised{Model: pixelrnn.New(o.Model, rng), Range: tensor.New(1), Whole: o.Whole}
		}
	default:
		t.Level, err = h.described(kinds)
		return t, err
	}
	if err == nil && side != h.Sizes[h.Index] {
		err = fmt.Errorf("a network for %d×%d pixels at size %d", side, side, h.Sizes[h.Index])
	}
	return t, err
}

// weights is how many numbers the matrices of a [Dense] hold.
func (o DenseOptions) weights() float64 {
	h := float64(o.Hidden)
	return h * (float64(o.Latent) + float64(o.Classes) + h + float64(o.Side)*float64(o.Side)*float64(o.Channels))
}

// weights is how many numbers the kernels of a [Conv] hold, and the matrix of its classes.
func (o ConvOptions) weights() float64 {
	side, c, w := float64(o.Side), float64(o.Channels), float64(o.Width)
	return 49*w*(1+float64(o.planes())+c+w) + 25*w*c + float64(o.Classes)*side*side
}

// weights is how many numbers the first and the last kernel of an [LSUN] hold; the others have always as many.
func (o LSUNOptions) weights() float64 { return 49 * (64 + 224) * float64(orElse(o.Channels, 3)) }

// weights is how many numbers the kernels of a [Deep] hold at least.
func (o DeepOptions) weights() float64 {
	sum := float64(o.told()) * deepest * deepest * float64(o.maps(deepest))
	for _, s := range o.sides() {
		c := float64(o.maps(s))
		sum += 9*c*c + 4*float64(o.told())*c
	}
	return sum + 9*float64(o.Width)*float64(o.Channels)
}

// net decodes the options of the network strictly.
func (h header) net(options any) error {
	d := json.NewDecoder(bytes.NewReader(h.Net))
	d.DisallowUnknownFields()
	return d.Decode(options)
}
