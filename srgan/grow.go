package srgan

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Grow returns a network with more channels, more blocks or both that enlarges as g does, and learns on from there: a wide
// network need not learn again what a narrow one has learned in less time. New channels begin with random weights that nothing
// of g listens to, and new blocks, behind those of g, add nothing to its maps (after Chen et al. 2016, "Net2Net: Accelerating
// Learning via Knowledge Transfer"). The options must otherwise be those of g, without normalisation and with pixel shuffles.
func Grow(g *SRResNet, opts Options, rng *rand.Rand) (*SRResNet, error) {
	o := opts.withDefaults()
	if err := o.Check(); err != nil {
		return nil, err
	}
	alike := o
	alike.Channels, alike.Blocks, alike.ICNR = g.Options.Channels, g.Options.Blocks, g.Options.ICNR
	switch {
	case alike != g.Options:
		return nil, fmt.Errorf("srgan: a network with %+v cannot grow from one with %+v: only channels and blocks may differ", o, g.Options)
	case o.Channels < g.Options.Channels || o.Blocks < g.Options.Blocks:
		return nil, fmt.Errorf("srgan: %d blocks of %d channels cannot grow from %d of %d", o.Blocks, o.Channels, g.Options.Blocks, g.Options.Channels)
	case !o.NoNorm || o.Upsampler == Deconv:
		return nil, fmt.Errorf("srgan: only networks without normalisation and with pixel shuffles can grow")
	}
	grown := NewSRResNet(o, rng)
	old := map[string]*tensor.Tensor{}
	for _, e := range nn.Walk(g) {
		old[e.Name] = e.Tensor()
	}
	for _, e := range nn.Walk(grown) {
		switch from := old[e.Name]; {
		case from != nil:
			settle(e.Tensor(), from)
		case strings.HasSuffix(e.Name, "conv2.weight"): // of a new block
			deafen(e.Tensor(), 0, g.Options.Channels)
		}
	}
	return grown, nil
}

// settle copies the weights or biases of g to the first channels of w, and makes these deaf to the others.
func settle(w, from *tensor.Tensor) {
	if w.Rank() == 1 {
		copy(w.Data(), from.Data())
		return
	}
	in, out := from.Dim(2), from.Dim(3)
	deafen(w, in, out)
	for k := range w.Dim(0) * w.Dim(1) {
		for i := range in {
			copy(w.Data()[(k*w.Dim(2)+i)*w.Dim(3):][:out], from.Data()[(k*in+i)*out:][:out])
		}
	}
}

// deafen sets the weights w (KH,KW,Cin,Cout) of the first out channels for inputs from in on to 0.
func deafen(w *tensor.Tensor, in, out int) {
	for k := range w.Dim(0) * w.Dim(1) {
		for i := in; i < w.Dim(2); i++ {
			clear(w.Data()[(k*w.Dim(2)+i)*w.Dim(3):][:out])
		}
	}
}
