package srgan

import (
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// streamWeights are the weights of one convolution of a [stream], with what follows it.
type streamWeights struct {
	conv        *tensor.PackedConv
	bias, slope *tensor.Tensor // may be nil
}

// packWeights returns the weights of the convolutions of g in the order in which they are computed. Later changes of g do not
// change them.
func packWeights(g *SRResNet) []*streamWeights {
	w := []*streamWeights{pack(g.Head, nil, g.HeadAct, false)}
	for _, b := range g.Body {
		w = append(w, pack(b.Conv1, b.Norm1, b.Act, false), pack(b.Conv2, b.Norm2, nil, false))
	}
	w = append(w, pack(g.Trunk, g.TrunkNorm, nil, false))
	for _, u := range g.Up {
		w = append(w, pack(u.Conv, nil, u.Act, true))
	}
	return append(w, pack(g.Tail, nil, nil, false))
}

// pack folds the normalisation that follows a layer into its weights, γ·(w·x−μ)/σ + β. Before a pixel shuffle, the channels
// (channel, row, column) are put in the order (row, column, channel).
func pack(layer *nn.Conv2D, norm *nn.BatchNorm2D, act *nn.PReLU, shuffle bool) *streamWeights {
	p := &streamWeights{}
	weight := layer.Weight.Value().Clone()
	if layer.Bias != nil {
		p.bias = layer.Bias.Value().Clone()
	}
	if norm != nil {
		scale, shift := folded(norm)
		weight = tensor.Mul(weight, scale)
		if p.bias != nil {
			shift = tensor.Add(shift, tensor.Mul(p.bias, scale))
		}
		p.bias = shift
	}
	if act != nil {
		p.slope = act.Weight.Value().Clone()
	}
	if shuffle {
		weight = subPixelOrder(weight)
		if p.bias != nil {
			p.bias = subPixelOrder(p.bias)
		}
		if n := p.slope.Len(); n > 1 { // one for each channel after the shuffle
			p.slope = tensor.BroadcastTo(p.slope, 4, n).Reshape(4 * n)
		}
	}
	p.conv = tensor.PackConv(weight, layer.Spec)
	return p
}

// subPixelOrder moves the last axis from the order (channel, row, column) of a pixel shuffle to (row, column, channel).
func subPixelOrder(t *tensor.Tensor) *tensor.Tensor {
	c := t.Dim(-1)
	return tensor.Permute(t.Reshape(-1, c/4, 2, 2), 0, 2, 3, 1).Reshape(t.Shape()...)
}

// folded returns s and t so that the normalisation is x·s + t at inference.
func folded(norm *nn.BatchNorm2D) (scale, shift *tensor.Tensor) {
	scale = tensor.Pow(tensor.Affine(norm.RunningVar, 1, float32(norm.Eps)), -0.5)
	if norm.Weight != nil {
		scale = tensor.Mul(scale, norm.Weight.Value())
	}
	shift = tensor.Affine(tensor.Mul(norm.RunningMean, scale), -1, 0)
	if norm.Bias != nil {
		shift = tensor.Add(shift, norm.Bias.Value())
	}
	return scale, shift
}
