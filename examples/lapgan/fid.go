package main

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/examples/internal/judge"
	"github.com/gander-ml/gander/examples/internal/pictures"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/tensor"
)

// levelFID measures one level while it is trained: what it makes of real low-pass images, enlarged to the finest size, against
// real images of its size that were enlarged as well.
type levelFID struct {
	judge    *metric.Classifier
	examples lapgan.Batch
	shown    lapgan.Pyramid // for its norm and operator
	finest   int
	real     *metric.Stats
}

func newLevelFID(o trainOptions, d lapgan.Data, set pictures.Set, norm *lapgan.Norm) (*levelFID, error) {
	finest := o.sizes[len(o.sizes)-1]
	set.Learn = middle(set.Learn, finest)
	j, err := judge.Open(o.judge, set)
	if err != nil {
		return nil, err
	}
	const most = 1000
	m := &levelFID{judge: j, finest: finest, shown: lapgan.Pyramid{Norm: norm.Crop(finest), Operator: o.operator}}
	if m.examples, err = d.Examples(0, min(most, d.Images.Len())); err != nil {
		return nil, err
	}
	m.real, err = metric.Measure(j, metric.InMemory(m.enlarged(m.examples)))
	return m, err
}

// enlarged returns the images of a batch as pictures of the finest size.
func (m *levelFID) enlarged(b lapgan.Batch) *tensor.Tensor {
	x := autograd.Const(m.shown.Show(b.Image()))
	return tensor.Clamp(m.shown.Operator.Up(x, m.finest, m.finest).Value(), 0, 1)
}

func (m *levelFID) of(l lapgan.Level, rng *rand.Rand) (float64, error) {
	b := m.examples
	b.Target = l.Sample(b.Given(), rng)
	fake, err := metric.Measure(m.judge, metric.InMemory(m.enlarged(b)))
	if err != nil {
		return 0, err
	}
	f, err := metric.FID(m.real, fake, metric.FIDOptions{Few: true})
	return f.Value, err
}
