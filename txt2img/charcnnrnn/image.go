package charcnnrnn

import (
	"fmt"
	"math/bits"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// ImageOptions are the sizes of an [Image]. The zero value makes features as wide as those of the published encoders.
type ImageOptions struct {
	Size  int `json:"size,omitempty"`  // side of the pictures, a power of 2 from 16; 0 means 64
	Width int `json:"width,omitempty"` // channels of the first convolution, doubled with each halving of the side; 0 means 64
	Out   int `json:"out,omitempty"`   // of the vectors; 0 means 1024
}

func (o ImageOptions) withDefaults() ImageOptions {
	o.Size, o.Width, o.Out = either(o.Size, 64), either(o.Width, 64), either(o.Out, 1024)
	return o
}

// Check returns an error unless an encoder can be built with the options.
func (o ImageOptions) Check() error {
	o = o.withDefaults()
	switch {
	case o.Size < 16 || o.Size > largest || o.Size&(o.Size-1) != 0:
		return fmt.Errorf("charcnnrnn: pictures of %d×%d pixels; want a power of 2 from 16 to %d", o.Size, o.Size, largest)
	case o.Width < 1 || o.Out < 1 || o.Width > largest || o.Out > largest:
		return fmt.Errorf("charcnnrnn: %d channels and vectors of %d; want 1 to %d of each", o.Width, o.Out, largest)
	}
	return nil
}

// stages is how often the side is halved until it is 4.
func (o ImageOptions) stages() int { return bits.Len(uint(o.Size)) - 3 }

// Image maps pictures to vectors: 4×4 convolutions that halve the side down to 4, each with batch norm and leaky ReLU, the mean
// over all places, and a linear layer. It stands for the GoogLeNet of the papers, whose 1024 features come from weights trained
// on pictures that cannot be shipped; this one is trained here, together with the captions by [Joint] or before them by
// [Classifier].
type Image struct {
	Options ImageOptions

	Downs []*nn.Conv2D      `nn:"downs"`
	Norms []*nn.BatchNorm2D `nn:"norms"`
	Out   *nn.Linear        `nn:"out"`
}

// NewImage returns an encoder of pictures with the usual starting weights. It panics if [ImageOptions.Check] has an objection.
func NewImage(o ImageOptions, rng *rand.Rand) *Image {
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	o = o.withDefaults()
	m := &Image{Options: o}
	in, width := 3, o.Width
	for range o.stages() {
		m.Downs = append(m.Downs, nn.NewConv2D(in, width, 4, nn.ConvOptions{Stride: 2, Pad: 1, NoBias: true}, rng))
		m.Norms = append(m.Norms, nn.NewBatchNorm2D(width, nn.BatchNormOptions{}))
		in, width = width, 2*width
	}
	m.Out = nn.NewLinear(in, o.Out, nn.LinearOptions{}, rng)
	return m
}

// Forward returns the vectors (N,Out) of pictures (N,Size,Size,3) with values in [-1,1]. It panics for another shape.
func (m *Image) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	if s := x.Shape(); len(s) != 4 || s[1] != m.Options.Size || s[2] != m.Options.Size || s[3] != 3 {
		panic(fmt.Sprintf("charcnnrnn.Image: want (N,%d,%d,3), got %s", m.Options.Size, m.Options.Size, tensor.Format(s)))
	}
	for i, down := range m.Downs {
		x = m.Norms[i].ForwardLeaky(down.Forward(x), 0.2, pass)
	}
	return m.Out.Forward(autograd.Mean(x, 1, 2))
}

// Encode returns the vectors (N,Out) of pictures (N,Size,Size,3) with values in [-1,1], in inference and in parts, so that
// memory stays bounded.
func (m *Image) Encode(x *tensor.Tensor) *tensor.Tensor {
	y := tensor.New(x.Dim(0), m.Options.Out)
	for lo := 0; lo < x.Dim(0); lo += chunk {
		hi := min(lo+chunk, x.Dim(0))
		copy(y.Rows(lo, hi).Data(), m.Forward(autograd.Const(x.Rows(lo, hi)), nil).Value().Data())
	}
	return y
}
