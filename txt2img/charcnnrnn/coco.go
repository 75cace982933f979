package charcnnrnn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
)

// COCO is the recipe of the encoder for MS-COCO, which needs no pictures: two captions of the same picture are to be closer than
// those of different ones, in the loss of the pictures' side only, with DCGAN's starting weights for the convolutions. It goes
// with batches of 64 of a [Sampler] with Paraphrases, and the optimiser Adam with rate 2e-4, halved every 50 of 200 epochs of
// so many updates, and β₁ 0.5. Reed et al. 2016 (ICML), code.
func COCO(e *Encoder, epoch int, rng *rand.Rand) (Joint, optim.Optimizer) {
	nn.InitDCGAN(e, rng)
	return Joint{Text: e, Image: e, ImageSide: true}, optim.Adam{
		Rate: 2e-4, Beta1: 0.5,
		Schedule: optim.PerEpoch{Updates: epoch, Schedule: optim.StepDecay{Every: 50, Factor: 0.5}},
	}
}
