package charcnnrnn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Classifier trains an encoder of pictures to tell classes apart, so that its vectors can serve as features: a linear layer
// behind it names the class, and is thrown away afterwards.
type Classifier struct {
	Image *Image     `nn:"image"`
	Head  *nn.Linear `nn:"head"`
}

// NewClassifier returns a classifier of so many classes. It panics if there are none.
func NewClassifier(image *Image, classes int, rng *rand.Rand) *Classifier {
	return &Classifier{Image: image, Head: nn.NewLinear(image.Options.Out, classes, nn.LinearOptions{}, rng)}
}

// Forward returns the logits (N,classes) of pictures (N,Size,Size,3) with values in [-1,1].
func (c *Classifier) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	return c.Head.Forward(autograd.LeakyReLU(c.Image.Forward(x, pass), 0.2))
}

// Player returns the player of the game, who needs no name, on batches that [ClassifierBatches] makes; nil means Adam with
// rate 1e-3. Besides the loss it logs "right", the share of pictures whose class comes first.
func (c *Classifier) Player(opt optim.Optimizer) train.Player[labelled.Batch] {
	if opt == nil {
		opt = optim.Adam{Rate: 1e-3}
	}
	return train.Player[labelled.Batch]{Model: c, Opt: opt, Loss: func(s *train.Step, b labelled.Batch) train.Terms {
		logits := train.Use(s, c).Forward(s.Const(b.Images), s.Pass)
		right := 0
		for i, k := range tensor.ArgMax(logits.Value(), 1) {
			if k == b.Labels[i] {
				right++
			}
		}
		return train.Terms{
			{Name: "loss", Weight: 1, Value: nn.CrossEntropy(logits, b.Labels)},
			{Name: "right", Value: autograd.Const(tensor.Scalar(float32(right) / float32(len(b.Labels))))},
		}
	}}
}

// ClassifierBatches is batches of random views of the pictures of a set for a [Classifier]: squares of the given side, out of
// pictures enlarged by up to 76/64, every other one mirrored. It is an error if the pictures have no classes or another number
// of channels than 3.
func ClassifierBatches(m *labelled.Images, batch, side int) (data.Source[labelled.Batch], error) {
	switch {
	case m.Labels == nil:
		return nil, fmt.Errorf("charcnnrnn: pictures without classes cannot train a classifier")
	case m.Channels != 3:
		return nil, fmt.Errorf("charcnnrnn: pictures of %d channels; want 3", m.Channels)
	case batch < 1 || batch > m.Len():
		return nil, fmt.Errorf("charcnnrnn: batches of %d of %d pictures", batch, m.Len())
	}
	return data.NewLoader(data.Dataset[data.Example](m), batch, func(es []data.Example, rng *rand.Rand) (labelled.Batch, error) {
		b := labelled.Batch{Images: tensor.New(len(es), side, side, 3)}
		for i, e := range es {
			tensor.AffineInto(b.Images.Rows(i, i+1), randomView(e.Image, side, true, rng).Reshape(1, side, side, 3), 2, -1)
			b.Labels = append(b.Labels, e.Class)
		}
		return b, nil
	}), nil
}
