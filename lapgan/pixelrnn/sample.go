package pixelrnn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
)

// Sample draws n images (n,H,W,C) of whole numbers. Each pixel costs about as much as in a forward pass, times the number of
// colours. It is a function of its arguments alone; sums are taken in another order than in [Model.Forward], so logits agree
// to about 1e-5 of their size.
func (m *Model) Sample(n int, given Condition, rng *rand.Rand) *tensor.Tensor {
	o := m.Options
	if n < 1 {
		panic(fmt.Sprintf("pixelrnn.Model.Sample: want at least one image, got %d", n))
	}
	return m.Complete(tensor.New(n, o.Height, o.Width, o.Channels), func(int, int) bool { return false }, given, rng)
}

// Complete returns images in which the pixels for which known returns true are those of x (N,H,W,C) and the others are drawn,
// each given the known and drawn ones before it in raster order. So it completes the lower part of images as the model thinks
// likely; pixels that are known later than a missing one do not influence it.
func (m *Model) Complete(x *tensor.Tensor, known func(row, col int) bool, given Condition, rng *rand.Rand) *tensor.Tensor {
	o := m.Options
	n := m.wantImages("pixelrnn.Model.Complete", x.Shape())
	p := m.newPainter(n, given)
	out := x.Clone()
	for r := range o.Height {
		p.row(r)
		for c := range o.Width {
			if known(r, c) {
				for k := range o.Channels {
					for i := range n {
						p.set(i, r, c, k, x.At(i, r, c, k))
					}
				}
				p.pixel(r, c)
				continue
			}
			for k := range o.Channels {
				logits := p.logits(r, c)
				for i := range n {
					v := m.draw(func(v int) float64 { return float64(logits.At(i, v*o.Channels+k)) }, rng)
					out.Set(v, i, r, c, k)
					p.set(i, r, c, k, v)
				}
			}
		}
	}
	return out
}

// draw draws a value given its logits by inverting the distribution function, with one random number.
func (m *Model) draw(logit func(v int) float64, rng *rand.Rand) float32 {
	u := rng.Float64()
	if m.Options.binary() {
		if u < 1/(1+math.Exp(-logit(0))) {
			return 1
		}
		return 0
	}
	top, sum := math.Inf(-1), 0.0
	for v := range m.Options.Values {
		top = max(top, logit(v))
	}
	for v := range m.Options.Values {
		sum += math.Exp(logit(v) - top)
	}
	u *= sum
	for v := range m.Options.Values - 1 {
		if u -= math.Exp(logit(v) - top); u < 0 {
			return float32(v)
		}
	}
	return float32(m.Options.Values - 1)
}

// painter is the model as it computes one pixel after the other.
type painter struct {
	sizes
	scale     float32
	x         plane // the image so far, scaled
	first     pixelConv
	layers    []stepper
	skips     []pixelConv
	head, out pixelConv
}

func (m *Model) newPainter(n int, c Condition) *painter {
	o := m.Options
	low, class := m.vars(c)
	given := m.condition("pixelrnn.Model.Sample", n, low, class)
	s := sizes{n, o.Height, o.Width}
	p := &painter{
		sizes: s, scale: m.scale(), x: s.plane(o.Channels),
		first: newPixelConv(m.First), head: newPixelConv(m.Head), out: newPixelConv(m.Out),
	}
	for _, l := range m.Layers {
		p.layers = append(p.layers, l.stepper(s, given))
	}
	for _, l := range m.Skips {
		p.skips = append(p.skips, newPixelConv(l))
	}
	return p
}

// set puts down a value of image i.
func (p *painter) set(i, r, c, k int, v float32) {
	p.x.x.Set(v*p.scale-1, p.x.index(r, c), i, k)
}

func (p *painter) row(r int) {
	for _, l := range p.layers {
		l.row(r)
	}
}

// pixel computes the layers at a pixel and returns what the head sees (N,2h).
func (p *painter) pixel(r, c int) *tensor.Tensor {
	h := p.first.at(p.x, r, c)
	var skips *tensor.Tensor
	for i, l := range p.layers {
		h = l.pixel(r, c, h)
		if len(p.skips) > 0 {
			s := p.skips[i].point(h)
			if skips != nil {
				s = tensor.Add(skips, s)
			}
			skips = s
		}
	}
	if skips != nil {
		return skips
	}
	return h
}

// logits returns the logits at a pixel (N,outputs·C), with the colours beside each other.
func (p *painter) logits(r, c int) *tensor.Tensor {
	return p.out.point(relu(p.head.point(relu(p.pixel(r, c)))))
}
