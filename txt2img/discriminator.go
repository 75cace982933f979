package txt2img

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Discriminator judges whether a picture is real and fits a caption. Convolutions of 4×4 halve the side down to 4×4, all but
// the first with batch norm, all with leaky ReLU; a residual bottleneck follows, unless the options leave it out. There the
// caption, reduced by a linear layer, is joined to each of the 16 places, and a 1×1 and a 4×4 convolution make the logit.
//
// For pictures of 64×64 it has 4,030,080 parameters, and 3,225,728 without the bottleneck, as those of the paper; without
// batch norm of the text they are 256 fewer. For [COCO] it has 36,183,440.
type Discriminator struct {
	Options Options

	Downs    []*nn.Conv2D      `nn:"downs"`
	Norms    []*nn.BatchNorm2D `nn:"norms"` // of all but the first
	Block    *Bottleneck       `nn:"block"` // nil if there is none
	Text     *nn.Linear        `nn:"text"`
	TextNorm *nn.BatchNorm2D   `nn:"text_norm"` // nil if there is none
	Join     *nn.Conv2D        `nn:"join"`
	JoinNorm *nn.BatchNorm2D   `nn:"join_norm"`
	Out      *nn.Conv2D        `nn:"out"`
}

// NewDiscriminator returns a discriminator with the starting weights of DCGAN ([nn.InitDCGAN]); the text layer has those of
// Torch. It panics if [Options.Check] has an objection.
func NewDiscriminator(o Options, rng *rand.Rand) *Discriminator {
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	o = o.withDefaults()
	d := &Discriminator{Options: o, Text: nn.NewLinear(o.Embedding, o.Text, nn.LinearOptions{}, rng)}
	in, width := 3, o.DWidth
	for stage := range o.stages() {
		d.Downs = append(d.Downs, nn.NewConv2D(in, width, 4, nn.ConvOptions{Stride: 2, Pad: 1, NoBias: !o.ConvBias}, rng))
		if stage > 0 {
			d.Norms = append(d.Norms, nn.NewBatchNorm2D(width, nn.BatchNormOptions{}))
		}
		in, width = width, 2*width
	}
	if !o.Plain && !o.NoResidualD {
		d.Block = newBottleneck(in, o.ConvBias, rng)
	}
	if !o.NoTextBN {
		d.TextNorm = nn.NewBatchNorm1D(o.Text, nn.BatchNormOptions{})
	}
	d.Join = nn.NewConv2D(in+o.Text, in, 1, nn.ConvOptions{NoBias: !o.ConvBias}, rng)
	d.JoinNorm = nn.NewBatchNorm2D(in, nn.BatchNormOptions{})
	d.Out = nn.NewConv2D(in, 1, 4, nn.ConvOptions{NoBias: !o.ConvBias}, rng)
	nn.InitDCGAN(d, rng)
	return d
}

// Forward returns logits (N,1), high for a real picture of what the text says, for pictures x (N,Size,Size,3) with values in
// [-1,1] and embedded captions (N,Embedding). It panics for other shapes.
func (d *Discriminator) Forward(x, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	side := d.Options.Size
	if s := x.Shape(); len(s) != 4 || s[1] != side || s[2] != side || s[3] != 3 {
		panic(fmt.Sprintf("txt2img.Discriminator: want pictures (N,%d,%d,3), got %s", side, side, tensor.Format(s)))
	}
	wantVectors("Discriminator", "text", text, d.Options.Embedding)
	last := len(d.Downs) - 1
	for i, down := range d.Downs {
		block, act := i == last && d.Block != nil, i != last-1 || !d.Options.DropThirdAct
		if i == 0 && act && !block {
			x = down.ForwardLeaky(x, slope)
			continue
		}
		x = down.Forward(x)
		if i > 0 && act && !block {
			x = d.Norms[i-1].ForwardLeaky(x, slope, pass)
			continue
		}
		if i > 0 {
			x = d.Norms[i-1].Forward(x, pass)
		}
		if block {
			x = d.Block.forward(x, slope, pass)
		}
		if act {
			x = autograd.LeakyReLU(x, slope)
		}
	}
	t := d.reduce(text, pass)
	tiled := autograd.BroadcastTo(t.Reshape(t.Dim(0), 1, 1, -1), t.Dim(0), x.Dim(1), x.Dim(2), t.Dim(1))
	x = d.JoinNorm.ForwardLeaky(d.Join.Forward(autograd.Concat(3, x, tiled)), slope, pass)
	return d.Out.Forward(x).Reshape(-1, 1)
}

// reduce returns what the discriminator keeps of the text, (N,Text).
func (d *Discriminator) reduce(text *autograd.Var, pass *nn.Pass) *autograd.Var {
	layer := *d.Text
	if d.TextNorm != nil {
		// Batch norm subtracts the bias again. Its gradient is rounding alone, of which Adam would make whole steps.
		layer.Bias = autograd.Detach(layer.Bias)
	}
	t := layer.Forward(text)
	if d.TextNorm != nil {
		return d.TextNorm.ForwardLeaky(t, slope, pass)
	}
	return autograd.LeakyReLU(t, slope)
}
