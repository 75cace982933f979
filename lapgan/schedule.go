package lapgan

import "github.com/gander-ml/gander/nn/optim"

// PaperSGD is how both players of [Game] learn in the paper: SGD with a rate of 0.02 that is divided by 1+4·10⁻⁵ after every
// epoch of so many updates, and a momentum that grows from 0.5 by 0.0008 an epoch to 0.8. The momentum is damped, as in
// Torch. Denton et al. 2015, §4.
func PaperSGD(epoch int) optim.SGD {
	return optim.SGD{
		Rate:     0.02,
		Schedule: optim.PerEpoch{Updates: epoch, Schedule: optim.Exponential{PerUpdate: 1 / (1 + 4e-5)}},
		Momenta:  optim.PerEpoch{Updates: epoch, Schedule: optim.Linear{From: 0.5, To: 0.8, Over: 375}},
		Damped:   true,
	}
}

// CodeSGD is how they learn in the released code: the rate of 0.02 is divided by 1.000004 after every epoch, down to 1e-6,
// and the momentum grows from 0 by 0.0008 an epoch to 0.7.
func CodeSGD(epoch int) optim.SGD {
	o := PaperSGD(epoch)
	o.Schedule = optim.PerEpoch{Updates: epoch, Schedule: optim.Exponential{PerUpdate: 1 / 1.000004, Floor: 1e-6 / 0.02}}
	o.Momenta = optim.PerEpoch{Updates: epoch, Schedule: optim.Linear{From: 0, To: 0.7, Over: 875}}
	return o
}

// LSUNSGD is [PaperSGD] with the rate of the code for LSUN, 0.01; an epoch is 5000 updates there.
func LSUNSGD(epoch int) optim.SGD {
	o := PaperSGD(epoch)
	o.Rate = 0.01
	return o
}
