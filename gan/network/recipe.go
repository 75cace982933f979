package network

import "github.com/gander-ml/gander/nn/optim"

// Recipe is how a model of the papers was trained. Each player makes one update in a round, with the same optimiser. The rate
// is divided by a constant after each update, down to 1e-6; the momentum is 0.5 in epoch 1 and rises linearly to 0.7 in
// epoch 250. Goodfellow et al. 2014, released configurations.
type Recipe struct {
	Batch int
	Opt   optim.SGD
}

// MNISTRecipe is for [NewMNISTGenerator]: batches of 100, a rate of 0.1, divided by 1.000004. updates is how many an epoch
// has: the size of the data set divided by Batch.
func MNISTRecipe(updates int) Recipe { return goodfellow(100, 0.1, 1.000004, updates) }

// CIFARRecipe is for [NewCIFARGenerator]: batches of 100, a rate of 0.025, divided by 1.000004.
func CIFARRecipe(updates int) Recipe { return goodfellow(100, 0.025, 1.000004, updates) }

// CIFARConvRecipe is for [NewCIFARConvGenerator]: batches of 128, a rate of 0.004, divided by 1.000004.
func CIFARConvRecipe(updates int) Recipe { return goodfellow(128, 0.004, 1.000004, updates) }

// CGANRecipe is for [NewCGANGenerator]: batches of 100, a rate of 0.1, divided by 1.00004. Mirza & Osindero
// 2014, §4.1.
func CGANRecipe(updates int) Recipe { return goodfellow(100, 0.1, 1.00004, updates) }

func goodfellow(batch int, rate, divisor float64, updates int) Recipe {
	return Recipe{Batch: batch, Opt: optim.SGD{
		Rate:     rate,
		Schedule: optim.Exponential{PerUpdate: 1 / divisor, Floor: 1e-6 / rate},
		Momenta:  optim.PerEpoch{Updates: updates, Schedule: ramp{from: 0.5, to: 0.7, first: 1, last: 250}},
	}}
}

// ramp goes from one number in the first epoch to another in the last.
type ramp struct {
	from, to    float64
	first, last int
}

// At implements [optim.Schedule]; epoch counts those that are over.
func (r ramp) At(epoch int) float64 {
	t := float64(epoch-r.first) / float64(r.last-r.first)
	return r.from + (r.to-r.from)*min(max(t, 0), 1)
}
