package vgg

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"

	"github.com/gander-ml/gander/nn/checkpoint"
)

// Architecture is what [Save] calls a VGG.
const Architecture = "vgg19-features"

// built is what a file of [Save] says about its network. The taps are the reader's choice.
type built struct {
	Width int    `json:"width"`
	Input string `json:"input"`
}

// Save writes the weights of v, with its width, its input and, as a fact, its Weights, so that Load knows them.
func Save(path string, v *VGG) error { return checkpoint.Save(path, v, manifest(v)) }

// SaveHalf is [Save] with 16-bit numbers, half the size.
func SaveHalf(path string, v *VGG) error { return checkpoint.SaveHalf(path, v, manifest(v)) }

func manifest(v *VGG) checkpoint.Manifest {
	m := checkpoint.NewManifest(Architecture, built{v.Options.Width, v.Options.Input.String()})
	m.Facts = map[string]string{"weights": v.Weights}
	return m
}

// Load returns a network with the weights of a file: one that [Save] wrote, whose width, input and Weights are then those
// of the file, or one with torchvision's names in PyTorch's format (.pth) or safetensors, such as its published weights of
// VGG19. What the file holds besides, the classifier and layers behind the last tap, is passed over.
func Load(path string, opts Options) (*VGG, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return load(f, path, opts)
}

// Read is [Load] for a file in memory, such as one that is embedded. Errors call it by name.
func Read(file []byte, name string, opts Options) (*VGG, error) {
	f, err := checkpoint.NewFile(bytes.NewReader(file), int64(len(file)), name)
	if err != nil {
		return nil, err
	}
	return load(f, name, opts)
}

func load(f *checkpoint.File, path string, opts Options) (*VGG, error) {
	weights := ""
	m, err := f.Manifest()
	switch {
	case errors.Is(err, checkpoint.ErrNoManifest):
	case err != nil:
		return nil, err
	case m.Architecture != Architecture:
		return nil, fmt.Errorf("vgg: %s holds a network of the kind %q, not %q", path, m.Architecture, Architecture)
	default:
		var o built
		if err := m.Decode(&o); err != nil {
			return nil, fmt.Errorf("vgg: %s: %w", path, err)
		}
		if opts.Input, err = parseInput(o.Input); err != nil || o.Width < 1 || o.Width > 1024 {
			return nil, fmt.Errorf("vgg: %s: width %d and input %q are not those of a VGG", path, o.Width, o.Input)
		}
		opts.Width, weights = o.Width, m.Facts["weights"]
	}
	v := New(opts, rand.New(rand.NewPCG(0, 0)))
	if err := f.Load(v, checkpoint.LoadOptions{Ignore: Surplus}); err != nil {
		return nil, err
	}
	v.Weights = weights
	return v, nil
}

func parseInput(s string) (Input, error) {
	for _, i := range []Input{Torchvision, Caffe, Plain} {
		if s == i.String() {
			return i, nil
		}
	}
	return 0, fmt.Errorf("vgg: no input %q", s)
}

// layer matches the names of the convolutions' tensors.
var layer = regexp.MustCompile(`^features\.([0-9]+)\.(weight|bias)$`)

// Surplus reports whether a name is that of a part of VGG19 that a network may do without: the classifier, or one of its
// layers of features. It is an Ignore for [checkpoint.LoadOptions]; what a network does want is never ignored.
func Surplus(name string) bool {
	switch name {
	case "classifier.0.weight", "classifier.0.bias", "classifier.3.weight", "classifier.3.bias", "classifier.6.weight", "classifier.6.bias":
		return true
	}
	m := layer.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	n, err := strconv.Atoi(m[1])
	return err == nil && n <= 34
}
