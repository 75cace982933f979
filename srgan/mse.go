package srgan

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

// MSE trains a generator to lower the mean squared error, on values in [-1,1], between what it makes of the low-resolution
// patches and the originals: the network that the paper calls SRResNet-MSE, and the start of every SRGAN. Ledig et al. 2017,
// eq. 4. The paper uses Adam at a rate of 1e-4 for 10⁶ updates.
func MSE(g Generator, opt optim.Optimizer) train.Player[Pair] {
	return pixelLoss("mse", nn.MSE, g, opt)
}

// L1 is [MSE] with the mean absolute error, which is less taken by a few large errors and reaches a given PSNR in fewer
// updates. Lim et al. 2017, "Enhanced Deep Residual Networks for Single Image Super-Resolution", §4.2.
func L1(g Generator, opt optim.Optimizer) train.Player[Pair] {
	return pixelLoss("l1", nn.L1, g, opt)
}

func pixelLoss(name string, loss func(y, target *autograd.Var) *autograd.Var, g Generator, opt optim.Optimizer) train.Player[Pair] {
	return train.Player[Pair]{
		Name:  "generator",
		Model: g,
		Opt:   opt,
		Loss: func(s *train.Step, b Pair) train.Terms {
			y := train.Use(s, g).Forward(s.Const(b.LR), s.Pass)
			return train.Terms{{Name: name, Weight: 1, Value: loss(y, autograd.Const(b.HR))}}
		},
	}
}
