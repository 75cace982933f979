package pixelrnn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Model is any of the three models: a 7×7 convolution that sees only what comes before (mask A), layers with skips around
// them, and two 1×1 convolutions, each after a ReLU. Wherever colours of one pixel meet, channel i belongs to colour i modulo
// the number of colours, and masks keep later colours from earlier ones.
type Model struct {
	Options Options

	First  *nn.MaskedConv2D   `nn:"first"`
	Layers []Layer            `nn:"layers"`
	Skips  []*nn.MaskedConv2D `nn:"skips"` // empty without them
	Head   *nn.MaskedConv2D   `nn:"head"`
	Out    *nn.MaskedConv2D   `nn:"out"`
}

// Layer is one layer between maps of 2h channels: a [CNNLayer], a [RowLayer] or a [DiagonalLayer].
type Layer interface {
	// Forward returns x (N,H,W,2h) plus what the layer adds to it.
	Forward(x *autograd.Var, given condition) *autograd.Var

	// stepper returns the layer as it computes one pixel after the other.
	stepper(s sizes, given condition) stepper
}

// Condition is what the images of a model with such options depend on.
type Condition struct {
	Low     *tensor.Tensor // (N,H,W,Low), another image; nil without
	Classes []int          // N classes; nil without
}

// condition is a Condition as the layers see it.
type condition struct{ low, class *autograd.Var }

// New returns a model with uniform weights on ±1/√fan_in. It panics if the options are not possible.
func New(opts Options, rng *rand.Rand) *Model {
	o := opts.withDefaults()
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	m := &Model{
		Options: o,
		First:   nn.NewMaskedConv2D(nn.MaskA, o.Channels, 2*o.Hidden, 7, nn.MaskedOptions{Colours: o.Channels}, rng),
		Head:    o.point(2*o.Hidden, o.Head, rng),
		Out:     o.point(o.Head, o.outputs()*o.Channels, rng),
	}
	for range o.Layers {
		m.Layers = append(m.Layers, o.layer(rng))
		if o.Skips {
			m.Skips = append(m.Skips, o.point(2*o.Hidden, 2*o.Hidden, rng))
		}
	}
	return m
}

func (o Options) layer(rng *rand.Rand) Layer {
	switch o.Kind {
	case RowLSTM:
		return newRowLayer(o, rng)
	case DiagonalBiLSTM:
		return newDiagonalLayer(o, rng)
	}
	return newCNNLayer(o, rng)
}

// point returns a 1×1 convolution with mask B.
func (o Options) point(in, out int, rng *rand.Rand) *nn.MaskedConv2D {
	return nn.NewMaskedConv2D(nn.MaskB, in, out, 1, nn.MaskedOptions{Colours: o.Channels}, rng)
}

// Forward returns the logits for images x of whole numbers (N,H,W,C): (N,H,W,C,Values), or (N,H,W,C), those of value 1,
// with two values. low (N,H,W,Low) and class (N,Classes), one-hot, are nil where the model has none.
func (m *Model) Forward(x, low, class *autograd.Var) *autograd.Var {
	o := m.Options
	n := m.wantImages("pixelrnn.Model.Forward", x.Shape())
	given := m.condition("pixelrnn.Model.Forward", n, low, class)
	h := m.First.Forward(autograd.Affine(x, m.scale(), -1))
	var skips *autograd.Var
	for i, l := range m.Layers {
		h = l.Forward(h, given)
		if len(m.Skips) > 0 {
			s := m.Skips[i].Forward(h)
			if skips != nil {
				s = autograd.Add(skips, s)
			}
			skips = s
		}
	}
	if skips != nil {
		h = skips
	}
	h = m.Head.Forward(autograd.ReLU(h))
	h = m.Out.Forward(autograd.ReLU(h))
	if o.binary() {
		return h
	}
	return autograd.Permute(h.Reshape(n, o.Height, o.Width, o.Values, o.Channels), 0, 1, 2, 4, 3)
}

// scale maps values from 0 to Values−1 to −1 to 1.
func (m *Model) scale() float32 { return 2 / float32(m.Options.Values-1) }

func (m *Model) wantImages(op string, s []int) (n int) {
	o := m.Options
	if len(s) != 4 || s[1] != o.Height || s[2] != o.Width || s[3] != o.Channels {
		panic(fmt.Sprintf("%s: want images (N,%d,%d,%d), got %s", op, o.Height, o.Width, o.Channels, tensor.Format(s)))
	}
	return s[0]
}

func (m *Model) condition(op string, n int, low, class *autograd.Var) condition {
	o := m.Options
	check := func(what string, v *autograd.Var, want ...int) {
		if v == nil || tensor.Format(v.Shape()) != tensor.Format(want) {
			got := "none"
			if v != nil {
				got = tensor.Format(v.Shape())
			}
			panic(fmt.Sprintf("%s: want %s %s, got %s", op, what, tensor.Format(want), got))
		}
	}
	given := condition{}
	if o.Low > 0 {
		check("conditioning images", low, n, o.Height, o.Width, o.Low)
		given.low = low
	}
	if o.Classes > 0 {
		check("classes", class, n, o.Classes)
		given.class = class
	}
	return given
}

// vars returns a Condition as Forward takes it.
func (m *Model) vars(c Condition) (low, class *autograd.Var) {
	if m.Options.Low > 0 && c.Low != nil {
		low = autograd.Const(c.Low)
	}
	if k := m.Options.Classes; k > 0 && c.Classes != nil {
		one := tensor.New(len(c.Classes), k)
		for i, v := range c.Classes {
			if v < 0 || v >= k {
				panic(fmt.Sprintf("pixelrnn: class %d is not in [0,%d)", v, k))
			}
			one.Set(1, i, v)
		}
		class = autograd.Const(one)
	}
	return low, class
}

// Conditioning adds to a map what an image and a class say about it: an unmasked 1×1 convolution of the image, and a bias for
// each class. van den Oord et al. 2016, §3.6 (multi-scale PixelRNN).
type Conditioning struct {
	Low   *nn.Conv2D `nn:"low"`   // nil without
	Class *nn.Linear `nn:"class"` // nil without
}

func newConditioning(o Options, out int, rng *rand.Rand) Conditioning {
	c := Conditioning{}
	if o.Low > 0 {
		c.Low = nn.NewConv2D(o.Low, out, 1, nn.ConvOptions{NoBias: true}, rng)
	}
	if o.Classes > 0 {
		c.Class = nn.NewLinear(o.Classes, out, nn.LinearOptions{NoBias: true}, rng)
	}
	return c
}

// add returns x (N,H,W,out) with what the condition adds.
func (c Conditioning) add(x *autograd.Var, given condition) *autograd.Var {
	if c.Low != nil {
		x = autograd.Add(x, c.Low.Forward(given.low))
	}
	if c.Class != nil {
		y := c.Class.Forward(given.class)
		x = autograd.Add(x, y.Reshape(y.Dim(0), 1, 1, y.Dim(1)))
	}
	return x
}
