package srgan

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/checkpoint"
)

// Architecture is what checkpoints call an [SRResNet].
const Architecture = "srresnet"

// Open returns an upscaler for weights in memory, such as those that package compact embeds.
func Open(weights []byte) (*Upscaler, error) {
	f, err := checkpoint.NewFile(bytes.NewReader(weights), int64(len(weights)), "embedded weights")
	if err != nil {
		return nil, fmt.Errorf("srgan: %w", err)
	}
	return open(f, "embedded weights")
}

// OpenFile returns an upscaler for a file that [Save] wrote. The file says what network it is for.
func OpenFile(path string) (*Upscaler, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, fmt.Errorf("srgan: %w", err)
	}
	defer f.Close()
	return open(f, path)
}

// Network is a generator of this package, which a checkpoint can describe and [OpenFile] build again: an [SRResNet], [SRCNN]
// or [ESPCN].
type Network interface {
	Generator
	// describe returns what checkpoints call the network and what it is built with.
	describe() (architecture string, options any)
	// tiling returns how much the network enlarges, and how far an output pixel sees, as in NewCustomUpscaler.
	tiling() (scale, halo int)
}

func (g *SRResNet) describe() (architecture string, options any) { return Architecture, g.Options }

func (g *SRResNet) tiling() (scale, halo int) { return g.Options.Scale, streamHalo(g) }

// Save writes a network, with its options, so that [OpenFile] can read it. step is how many updates it has seen.
func Save(path string, g Network, step int) error {
	return checkpoint.Save(path, g, Manifest(g, step))
}

// SaveHalf is [Save] with 16-bit numbers: half the size, at a loss far below what an 8-bit image shows.
func SaveHalf(path string, g Network, step int) error {
	return checkpoint.SaveHalf(path, g, Manifest(g, step))
}

// Manifest describes a network for checkpoint.Save, which [Save] calls with it. What it is trained for, such as
// [Game.Facts], may be added as Facts.
func Manifest(g Network, step int) checkpoint.Manifest {
	m := checkpoint.NewManifest(g.describe())
	m.Step = step
	return m
}

func open(f *checkpoint.File, name string) (*Upscaler, error) {
	m, err := f.Manifest()
	if err != nil {
		return nil, fmt.Errorf("srgan: %w", err)
	}
	g, err := build(f, m, name)
	if err != nil {
		return nil, err
	}
	if err := f.Load(g); err != nil {
		return nil, fmt.Errorf("srgan: %w", err)
	}
	return NewUpscaler(g), nil
}

// build returns the network that a manifest describes, with weights of no meaning.
func build(f *checkpoint.File, m checkpoint.Manifest, name string) (Network, error) {
	rng := rand.New(rand.NewPCG(0, 0))
	switch m.Architecture {
	case Architecture:
		var o Options
		if err := options(m, &o, name); err != nil {
			return nil, err
		}
		// A file that claims to be of a huge network must not make us build one.
		stored := 0.0
		for _, t := range f.Tensors() {
			stored += elements(t.Shape)
		}
		if o = o.withDefaults(); o.weights() > stored {
			return nil, fmt.Errorf("srgan: %s holds %.0f numbers, too few for %d blocks of %d channels", name, stored, o.Blocks, o.Channels)
		}
		return NewSRResNet(o, rng), nil
	case "srcnn":
		var o SRCNNOptions
		if err := options(m, &o, name); err != nil {
			return nil, err
		}
		return NewSRCNN(o, rng), nil
	case "espcn":
		var o ESPCNOptions
		if err := options(m, &o, name); err != nil {
			return nil, err
		}
		return NewESPCN(o, rng), nil
	}
	return nil, fmt.Errorf("srgan: %s holds a network of the kind %q, not %q, \"srcnn\" or \"espcn\"", name, m.Architecture, Architecture)
}

// options reads the options of a network and checks them.
func options[O interface{ Check() error }](m checkpoint.Manifest, o *O, name string) error {
	if err := m.Decode(o); err != nil {
		return fmt.Errorf("srgan: %w", err)
	}
	if err := (*o).Check(); err != nil {
		return fmt.Errorf("%w (in %s)", err, name)
	}
	return nil
}

func elements(shape []int) float64 {
	n := 1.0
	for _, d := range shape {
		n *= float64(d)
	}
	return n
}

// weights is how many numbers the convolutions of a network hold.
func (o Options) weights() float64 {
	c := float64(o.Channels)
	up := 36.0 // 3×3 to four times the channels
	if o.Upsampler == Deconv {
		up = 16
	}
	return 2*81*3*c + c*c*(18*float64(o.Blocks)+9+up*math.Log2(float64(o.Scale)))
}
