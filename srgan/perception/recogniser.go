package perception

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/tensor"
)

// Width is the channels of the first block of the networks of this package, a quarter of VGG19's.
const Width = 16

// taps are the maps that are looked at: the last of each block.
func taps() []vgg.Tap {
	return []vgg.Tap{{Block: 1, Conv: 2}, {Block: 2, Conv: 2}, {Block: 3, Conv: 4}, {Block: 4, Conv: 4}, {Block: 5, Conv: 4}}
}

// Recogniser is a network of features with two answers about a piece. Every block has a say in both, through the means of
// its last maps, so that all of them learn.
type Recogniser struct {
	VGG    *vgg.VGG   `nn:"vgg"`
	Photo  *nn.Linear `nn:"photo"`
	Damage *nn.Linear `nn:"damage"`
}

// NewRecogniser returns an untrained network for pieces of so many photographs. width is the channels of its first block; 0
// means [Width].
func NewRecogniser(photos, width int, rng *rand.Rand) *Recogniser {
	if width == 0 {
		width = Width
	}
	r := &Recogniser{VGG: vgg.New(vgg.Options{Taps: taps(), Input: vgg.Plain, Width: width}, rng)}
	maps := width * (1 + 2 + 4 + 8 + 8)
	r.Photo = nn.NewLinear(maps, photos, nn.LinearOptions{}, rng)
	r.Damage = nn.NewLinear(maps, Damages, nn.LinearOptions{}, rng)
	return r
}

// Forward returns logits (N,photos) and (N,Damages) for pieces x (N,S,S,3) with values in [-1,1].
func (r *Recogniser) Forward(x *autograd.Var) (photo, damage *autograd.Var) {
	var means []*autograd.Var
	for _, m := range r.VGG.Maps(x) {
		means = append(means, autograd.Mean(m, 1, 2))
	}
	h := autograd.Concat(1, means...)
	return r.Photo.Forward(h), r.Damage.Forward(h)
}

// Player trains a recogniser to lower both cross-entropies.
func (r *Recogniser) Player(opt optim.Optimizer) train.Player[Batch] {
	return train.Player[Batch]{
		Name: "recogniser", Model: r, Opt: opt,
		Loss: func(s *train.Step, b Batch) train.Terms {
			photo, damage := train.Use(s, r).Forward(s.Const(b.Images))
			return train.Terms{
				{Name: "photo", Weight: 1, Value: nn.CrossEntropy(photo, b.Photo)},
				{Name: "damage", Weight: 1, Value: nn.CrossEntropy(damage, b.Damage)},
			}
		},
	}
}

// Recognised returns how many of the pieces of a batch r tells the photograph of, and how many the damage of, between 0 and
// 1.
func (r *Recogniser) Recognised(b Batch) (photo, damage float64) {
	share := func(logits *autograd.Var, want []int) float64 {
		if logits.Dim(0) != len(want) {
			panic(fmt.Sprintf("perception.Recognised: %d pieces and %d answers", logits.Dim(0), len(want)))
		}
		right := 0
		for i, w := range want {
			row, best := logits.Value().Rows(i, i+1).Data(), 0
			for j, v := range row {
				if v > row[best] {
					best = j
				}
			}
			if best == w {
				right++
			}
		}
		return float64(right) / float64(len(want))
	}
	p, d := r.Forward(autograd.Const(b.Images))
	return share(p, b.Photo), share(d, b.Damage)
}

// Features returns a copy of the network of features under a label: its Name is vgg19-5.4 with the label behind it. Each layer is
// scaled so that its map, after ReLU, has a mean square of 1 over the pieces x (N,S,S,3), and the next layer undoes that: the network
// computes the same, and losses on different maps are about as large (after Gatys et al. 2016, "Image Style Transfer Using
// Convolutional Neural Networks", §2). A layer that is silent on x is left as it is.
func (r *Recogniser) Features(label string, x *tensor.Tensor) *vgg.VGG {
	v := vgg.New(r.VGG.Options, rand.New(rand.NewPCG(0, 0)))
	v.Weights = label
	h, before := autograd.Const(x), 1.0 // how much smaller h is than in r
	for i, layer := range r.VGG.Features {
		from, ok := layer.(*nn.Conv2D)
		if !ok {
			switch l := layer.(type) {
			case nn.ReLU:
				h = autograd.ReLU(h)
			case nn.MaxPool2D:
				h = l.Forward(h)
			}
			continue
		}
		to := v.Features[i].(*nn.Conv2D)
		h = from.Forward(h)
		scale := math.Sqrt(float64(tensor.Mean(autograd.Square(autograd.ReLU(h)).Value()).Item()))
		if !(scale > 0) {
			scale = before
		}
		tensor.AffineInto(to.Weight.Value(), from.Weight.Value(), float32(before/scale), 0)
		tensor.AffineInto(to.Bias.Value(), from.Bias.Value(), float32(1/scale), 0)
		before = scale
	}
	return v
}
