package nn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
)

// CellWeights are the parameters of a recurrent cell, with PyTorch's names. G is the number of gates times hidden units.
type CellWeights struct {
	WeightIH *autograd.Var `nn:"weight_ih"` // (in,G)
	WeightHH *autograd.Var `nn:"weight_hh"` // (hidden,G)
	BiasIH   *autograd.Var `nn:"bias_ih"`   // (G), or nil
	BiasHH   *autograd.Var `nn:"bias_hh"`   // (G), or nil

	BFloat16 bool // see [UseBFloat16]
}

// newCellWeights returns the parameters of one cell; Layers and Bidirectional do not apply to it.
func newCellWeights(op string, in, hidden, gates int, opts RecurrentOptions, rng *rand.Rand) CellWeights {
	opts.Layers, opts.Bidirectional = 1, false
	w := newRecurrentWeights(op, in, hidden, gates, opts, rng)
	return CellWeights{WeightIH: w.WeightIH[0], WeightHH: w.WeightHH[0], BiasIH: w.BiasIH[0], BiasHH: w.BiasHH[0]}
}

// DiskLayout implements [DiskLayouter].
func (w *CellWeights) DiskLayout(field string) Layout {
	switch field {
	case "weight_ih":
		return transposed(w.WeightIH)
	case "weight_hh":
		return transposed(w.WeightHH)
	}
	return Layout{}
}

func (w *CellWeights) cell() cell {
	return cell{w.WeightIH, w.WeightHH, w.BiasIH, w.BiasHH, w.BFloat16}
}
