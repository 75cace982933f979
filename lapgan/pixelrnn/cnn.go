package pixelrnn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// CNNLayer is a layer of PixelCNN: ReLU and a 1×1 convolution to h maps, ReLU and a 3×3 convolution, ReLU and a 1×1
// convolution back, all with mask B. van den Oord et al. 2016, §3.3 and figure 5.
type CNNLayer struct {
	In   *nn.MaskedConv2D `nn:"in"`
	Conv *nn.MaskedConv2D `nn:"conv"`
	Out  *nn.MaskedConv2D `nn:"out"`
	Cond Conditioning     `nn:"cond"`
}

func newCNNLayer(o Options, rng *rand.Rand) *CNNLayer {
	h := o.Hidden
	return &CNNLayer{
		In:   o.point(2*h, h, rng),
		Conv: nn.NewMaskedConv2D(nn.MaskB, h, h, 3, nn.MaskedOptions{Colours: o.Channels}, rng),
		Out:  o.point(h, 2*h, rng),
		Cond: newConditioning(o, h, rng),
	}
}

// Forward implements [Layer].
func (l *CNNLayer) Forward(x *autograd.Var, given condition) *autograd.Var {
	h := l.In.Forward(autograd.ReLU(x))
	h = l.Cond.add(l.Conv.Forward(autograd.ReLU(h)), given)
	return autograd.Add(x, l.Out.Forward(autograd.ReLU(h)))
}

func (l *CNNLayer) stepper(s sizes, given condition) stepper {
	return &cnnStepper{
		in: newPixelConv(l.In), conv: newPixelConv(l.Conv), out: newPixelConv(l.Out),
		hidden: s.plane(l.Conv.Conv.Weight.Dim(2)), cond: newPixelCondition(l.Cond, s, given),
	}
}

// cnnStepper keeps the maps that the 3×3 convolution looks back at.
type cnnStepper struct {
	in, conv, out pixelConv
	hidden        plane
	cond          pixelCondition
}

func (*cnnStepper) row(int) {}

func (l *cnnStepper) pixel(r, c int, x *tensor.Tensor) *tensor.Tensor {
	l.hidden.put(r, c, relu(l.in.point(relu(x))))
	h := l.cond.add(r, c, l.conv.at(l.hidden, r, c))
	return tensor.Add(x, l.out.point(relu(h)))
}
