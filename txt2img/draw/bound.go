package draw

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Bound is the two parts of the variational bound on −ln p(picture), in nats, for each of N pictures.
type Bound struct {
	Reconstruction *autograd.Var // (N), binary cross-entropy between picture and last canvas, summed over pixels
	Divergence     *autograd.Var // (N), of what the encoder tells from the prior, summed over steps
}

// Forward returns the bound for pictures x (N,H,W,C) and their text, as one draw of the latent numbers estimates it. Gregor et
// al. 2015, eqs. 9–12; Mansimov et al. 2016, eq. 11. It panics unless the shapes are the model's.
func (m *Model) Forward(x *autograd.Var, t Text, rng *rand.Rand) Bound {
	n := m.wantImages("draw.Model.Forward", x.Shape())
	given := m.read("draw.Model.Forward", t, n)
	read, write := m.Options.grids()
	s := m.start(n)
	x = planes(x)
	var divergence *autograd.Var
	for t := range m.Options.Steps {
		prior, learned := m.prior(t, s)
		context, _ := m.context(given, s.dec.h)
		z := m.look(x, &s, read)
		var kl *autograd.Var
		if learned {
			kl = nn.KLGaussians(z.mean, z.logSigma, prior.mean, prior.logSigma)
		} else {
			kl = nn.KLStandard(z.mean, z.logSigma)
		}
		kl = autograd.Sum(kl, 1)
		if divergence == nil {
			divergence = kl
		} else {
			divergence = autograd.Add(divergence, kl)
		}
		m.paint(z.draw(m.noise(n, rng)), context, &s, write)
	}
	missed := autograd.Sub(autograd.Softplus(s.canvas), autograd.Mul(x, s.canvas))
	return Bound{autograd.Sum(missed, 1, 2), divergence}
}

// noise returns standard normal numbers for n pictures, in the memory of the step.
func (m *Model) noise(n int, rng *rand.Rand) *autograd.Var {
	noise := autograd.Alloc([]int{n, m.Options.Latent}, m.Stroke.Weight)
	tensor.RandNInto(noise, rng)
	return autograd.Const(noise)
}

// Player returns a game of one for package train, in which the model lowers the mean bound: "reconstruction" and "divergence",
// whose sum it logs as "bound", all in nats. A nil optimiser is the papers': for DRAW Adam with a rate of 1e-3 and β₁ = 0.5,
// with text RMSprop with a rate of 1e-3 and a decay of 0.9. The norm of each parameter's gradient is limited to 5, with text
// to 10.
func (m *Model) Player(opt optim.Optimizer) train.Player[Batch] {
	clip := 5.0
	var usual optim.Optimizer = optim.Adam{Rate: 1e-3, Beta1: 0.5}
	if m.Options.Text != Free {
		clip = 10
		usual = optim.RMSProp{Rate: 1e-3, Alpha: 0.9, Eps: 1e-6, EpsInside: true}
	}
	if opt == nil {
		opt = usual
	}
	return train.Player[Batch]{Model: m, Opt: opt, Clip: optim.Clip{TensorNorm: clip}, Loss: m.terms}
}

func (m *Model) terms(s *train.Step, b Batch) train.Terms {
	bound := train.Use(s, m).Forward(s.Const(b.Images), b.Text, s.Pass.Rand)
	missed, told := autograd.Mean(bound.Reconstruction), autograd.Mean(bound.Divergence)
	return train.Terms{
		{Name: "reconstruction", Weight: 1, Value: missed},
		{Name: "divergence", Weight: 1, Value: told},
		{Name: "bound", Value: autograd.Add(missed, told)},
	}
}
