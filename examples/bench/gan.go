package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
)

// ganCases are training steps of DCGAN for 64×64 pixels, and of the critic of WGAN-GP for 32×32.
func ganCases() []bench {
	return []bench{
		{name: "train/dcgan64/b64", flops: 145575903232, alone: true, setup: dcganStep},
		{name: "train/wgangp-critic/b64-32", flops: 26781679616, alone: true, setup: criticStep},
	}
}

// dcganStep is one update of both networks, with one forward pass of the generator for the two.
func dcganStep(bf16 bool) (run func(), err error) {
	const n = 64
	rng := newRand()
	g, d := network.NewDCGANGenerator(network.DCGANOptions{}, rng), network.NewDCGANDiscriminator(network.DCGANOptions{}, rng)
	use(bf16, g, d)
	rule := optim.Adam{Rate: 2e-4, Beta1: 0.5}
	real, z := tensor.RandN(rng, n, 64, 64, 3), tensor.New(n, 100)
	duel := duel{optG: rule.Init(nn.Params(g)), optD: rule.Init(nn.Params(d)), rng: rng}
	return duel.steps(
		func(tape *autograd.Tape, pass *nn.Pass) (*autograd.Var, []*autograd.Var) {
			tensor.RandNInto(z, rng)
			bound := nn.Bind(tape, g)
			return bound.Forward(tape.Const(z), pass), nn.Params(bound)
		},
		func(tape *autograd.Tape, fake *tensor.Tensor, pass *nn.Pass) (*autograd.Var, []*autograd.Var) {
			bound := nn.Bind(tape, d)
			onReal, onFake := bound.Forward(tape.Const(real), pass), bound.Forward(tape.Const(fake), pass)
			return autograd.Add(nn.BCEWithLogitsTo(onReal, 1, nil), nn.BCEWithLogitsTo(onFake, 0, nil)), nn.Params(bound)
		},
		func(tape *autograd.Tape, fake *autograd.Var, pass *nn.Pass) *autograd.Var {
			return nn.BCEWithLogitsTo(d.Forward(fake, pass), 1, nil)
		})
}

// duel is a generator and a discriminator that learn in one step, of one forward pass of the generator.
type duel struct {
	optG, optD optim.State
	rng        *rand.Rand
}

// steps returns what makes a step, after it has made some: paint paints, judge is the discriminator's loss and fool the generator's,
// through the discriminator as it is. The first two return parameters as well.
func (u duel) steps(paint func(*autograd.Tape, *nn.Pass) (fake *autograd.Var, params []*autograd.Var),
	judge func(*autograd.Tape, *tensor.Tensor, *nn.Pass) (loss *autograd.Var, params []*autograd.Var),
	fool func(*autograd.Tape, *autograd.Var, *nn.Pass) *autograd.Var) (func(), error) {
	tapeG := autograd.NewTape()
	tapeD, pass := tapeG.Beside(), &nn.Pass{Train: true, Rand: u.rng}
	var lossD, lossG float32
	run := func() {
		tapeG.Reset()
		fake, paramsG := paint(tapeG, pass)
		loss, paramsD := judge(tapeD, fake.Value(), pass)
		u.optD.Step(autograd.LastGrad(loss, paramsD...))
		lossD = loss.Item()
		tapeD.Reset()
		loss = fool(tapeG, fake, pass)
		u.optG.Step(autograd.LastGrad(loss, paramsG...))
		lossG = loss.Item()
		pass.Commit()
	}
	run()
	// Before it has learned anything, a discriminator with small weights finds everything about as real as not. After one step it
	// may be sure of itself.
	first := lossD
	if !(first > 1 && first < 2.5 && lossG > 0.1 && lossG < 20) {
		return nil, fmt.Errorf("losses of the first step are %g and %g, want about 1.39, and 0.69 or more", first, lossG)
	}
	for range 2 {
		run()
	}
	if !(lossD < first) {
		return nil, fmt.Errorf("the discriminator's loss went from %g to %g", first, lossD)
	}
	return run, nil
}

// criticStep is one update of a critic, gradient penalty included.
func criticStep(bf16 bool) (func(), error) {
	const n = 64
	rng := newRand()
	d := network.NewDCGANDiscriminator(network.DCGANOptions{Size: 32, NoNorm: true}, rng)
	opt := optim.Adam{Rate: 1e-4, Beta1: optim.Zero}.Init(nn.Params(d))
	real, fake := tensor.RandN(rng, n, 32, 32, 3), tensor.RandN(rng, n, 32, 32, 3)
	tape, pass := autograd.NewTape(), &nn.Pass{Train: true, Rand: rng}
	loss, penalty := 0.0, 0.0
	run := func() {
		tape.Reset()
		bound := nn.Bind(tape, d)
		score := func(x *autograd.Var) *autograd.Var { return bound.Forward(x, pass) }
		total := gan.Wasserstein{}.Discriminator(score(tape.Const(real)), score(tape.Const(fake)))
		terms := gan.GradientPenalty{}.Terms(gan.Critic{Tape: tape, Rand: rng, Real: real, Fake: fake, OnReal: score, OnFake: score})
		penalty = float64(terms[0].Value.Item())
		total = autograd.Add(total, autograd.Scale(terms[0].Value, float32(terms[0].Weight)))
		opt.Step(autograd.LastGrad(total, nn.Params(bound)...))
		loss = float64(total.Item())
	}
	if err := penaltyAgrees(d, real.Rows(0, 2), rng); err != nil {
		return nil, err
	}
	run()
	first, steep := loss, penalty
	for range 4 {
		run()
	}
	if !(loss < first) {
		return nil, fmt.Errorf("the loss went from %g to %g, the penalty from %g to %g", first, loss, steep, penalty)
	}
	use(bf16, d) // the check above takes small differences
	return run, nil
}

// penaltyAgrees compares the derivative of a penalty along its own gradient with a difference.
func penaltyAgrees(d *network.DCGANDiscriminator, x *tensor.Tensor, rng *rand.Rand) error {
	value := func(of *network.DCGANDiscriminator, tape *autograd.Tape) *autograd.Var {
		score := func(x *autograd.Var) *autograd.Var { return of.Forward(x, nil) }
		// Where real and fake are the same, all that is between them is.
		c := gan.Critic{Tape: tape, Rand: rng, Real: x, Fake: x, OnReal: score, OnFake: score}
		return gan.GradientPenalty{}.Terms(c)[0].Value
	}
	tape := autograd.NewTape()
	bound := nn.Bind(tape, d)
	y := value(bound, tape)
	grads := autograd.Grad(y, nn.Params(bound)...)
	square := 0.0
	for _, g := range grads {
		square += tensor.Dot(g, g)
	}
	// The step is to change the value by about a hundredth.
	step := 0.01 * float64(y.Item()) / square
	moved := func(by float64) float64 {
		for i, p := range nn.Params(d) {
			tensor.AddScaledInto(p.Value(), grads[i], float32(by))
		}
		tape := autograd.NewTape()
		v := float64(value(nn.Bind(tape, d), tape).Item())
		for i, p := range nn.Params(d) {
			tensor.AddScaledInto(p.Value(), grads[i], float32(-by))
		}
		return v
	}
	if slope := (moved(step) - moved(-step)) / (2 * step); !(math.Abs(slope/square-1) < 0.03) {
		return fmt.Errorf("along its gradient the penalty has slope %g, should be %g", slope, square)
	}
	return nil
}
