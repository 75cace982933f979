package vgg

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// infer is Maps of an image that nothing is differentiated by: layers write in turn into two buffers, so that the whole
// network takes the memory of its largest layer twice.
func (v *VGG) infer(x *autograd.Var) []*autograd.Var {
	h := x.Value()
	var buffers [2]*tensor.Tensor
	next := 0
	// place returns memory for a result that outlives the next layer only.
	place := func(shape []int) *tensor.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		next = 1 - next
		if buffers[next] == nil || buffers[next].Len() < n {
			buffers[next] = autograd.Alloc([]int{n}, x)
		}
		return buffers[next].Rows(0, n).Reshape(shape...)
	}
	var maps []*autograd.Var
	keep := func(t *tensor.Tensor) {
		m := autograd.Alloc(t.Shape(), x)
		m.CopyFrom(t)
		maps = append(maps, autograd.Record("Map", m, unrecorded, x))
	}
	at := Tap{1, 0}
	for _, layer := range v.Features {
		switch l := layer.(type) {
		case *nn.Conv2D:
			at.Conv++
			y := place(tensor.ConvShape("vgg.Maps", h.Shape(), l.Weight.Shape(), l.Spec))
			tensor.Conv2DInto(y, h, l.Weight.Value(), l.Spec)
			tensor.AddInto(y, y, l.Bias.Value())
			if v.taps(at) && v.Options.BeforeReLU {
				keep(y)
			}
			tensor.LeakyReLUInto(y, y, 0)
			if v.taps(at) && !v.Options.BeforeReLU {
				keep(y)
			}
			h = y
		case nn.MaxPool2D:
			at = Tap{at.Block + 1, 0}
			y := place(tensor.PoolShape("vgg.Maps", h.Shape(), tensor.PoolSpec(l)))
			tensor.MaxPool2DInto(y, nil, h, tensor.PoolSpec(l))
			h = y
		}
	}
	for _, t := range buffers {
		if t != nil {
			autograd.Release(t, x)
		}
	}
	return maps
}

// unrecorded stands where a derivative would: constants are not recorded.
func unrecorded(*autograd.Call, *autograd.Var) []*autograd.Var {
	panic("vgg.Maps: a constant was differentiated")
}
