package txt2img

import (
	"math"

	"github.com/gander-ml/gander/nn/optim"
)

// Recipe is how long and at what rate both players learn. The zero value is the paper's for birds and flowers (§5). The
// batches are of 64.
type Recipe struct {
	Epochs int     // 0 means 600
	Halve  int     // the rate is halved at the start of every so many epochs, counted from 1; 0 means 100
	Rate   float64 // of the first epochs; 0 means 2e-4
}

// COCORecipe is that of the code for MS-COCO.
var COCORecipe = Recipe{Epochs: 200, Halve: 40}

// Adam returns the optimiser, for epochs of so many batches: Adam with β₁ 0.5. With 100 epochs to halve, epochs 1 to 99
// learn at the full rate, 100 to 199 at half of it, and so on.
func (r Recipe) Adam(batches int) optim.Adam {
	every := either(r.Halve, 100)
	return optim.Adam{
		Rate: either(r.Rate, 2e-4), Beta1: 0.5, Torch7: true,
		Schedule: optim.PerEpoch{Updates: batches, Schedule: halving(every)},
	}
}

// Updates returns how many updates either player makes in all, for epochs of so many batches.
func (r Recipe) Updates(batches int) int { return either(r.Epochs, 600) * batches }

// halving is ½ to the power of how many multiples of it, from 1, the epochs have reached.
type halving int

// At implements [optim.Schedule]; it counts epochs from 0.
func (h halving) At(epoch int) float64 { return math.Pow(0.5, float64((epoch+1)/int(h))) }
