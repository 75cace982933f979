package main

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img"
)

// plain is the networks of GAN-CLS for 64×64 pixels, with feature maps for either as DCGAN has them.
var plain = txt2img.Options{Plain: true, GWidth: 64, NoTextBN: true}

// txt2imgCases are painting and a training step of GAN-CLS.
func txt2imgCases() []bench {
	return []bench{
		{name: "infer/gancls64-g/b64", flops: 13543407616, mp: 64 * 64 * 64 / 1e6, alone: true, setup: paint},
		{name: "train/gancls64/b64", flops: 193079541760, alone: true, setup: ganCLSStep},
	}
}

// paint paints a batch of pictures.
func paint(bf16 bool) (func(), error) {
	const n = 64
	rng := newRand()
	g := txt2img.NewGenerator(plain, rng)
	use(bf16, g)
	z, text := tensor.RandN(rng, n, 100), tensor.RandN(rng, n, 1024)
	tape := autograd.NewTape()
	var out *tensor.Tensor
	run := func() {
		tape.Reset()
		out = g.Forward(tape.Const(z), tape.Const(text), nil).Value()
	}
	run()
	// A picture is that of its own noise and text, whatever else is in the batch.
	for _, i := range []int{0, n - 1} {
		alone := g.Forward(autograd.Const(z.Rows(i, i+1)), autograd.Const(text.Rows(i, i+1)), nil).Value()
		for k, v := range out.Rows(i, i+1).Data() {
			if d := v - alone.Data()[k]; !(d < 1e-4 && d > -1e-4) {
				return nil, fmt.Errorf("value %d of picture %d is %g in a batch and %g alone", k, i, v, alone.Data()[k])
			}
		}
	}
	return run, nil
}

// ganCLSStep is one update of both networks, with one forward pass of the generator for the two.
func ganCLSStep(bf16 bool) (func(), error) {
	const n = 64
	rng := newRand()
	g, d := txt2img.NewGenerator(plain, rng), txt2img.NewDiscriminator(plain, rng)
	use(bf16, g, d)
	rule := optim.Adam{Rate: 2e-4, Beta1: 0.5}
	real, z := tensor.RandN(rng, n, 64, 64, 3), tensor.New(n, 100)
	right, wrong := tensor.RandN(rng, n, 1024), tensor.RandN(rng, n, 1024)
	duel := duel{optG: rule.Init(nn.Params(g)), optD: rule.Init(nn.Params(d)), rng: rng}
	return duel.steps(
		func(tape *autograd.Tape, pass *nn.Pass) (*autograd.Var, []*autograd.Var) {
			tensor.RandNInto(z, rng)
			bound := nn.Bind(tape, g)
			return bound.Forward(tape.Const(z), tape.Const(right), pass), nn.Params(bound)
		},
		func(tape *autograd.Tape, fake *tensor.Tensor, pass *nn.Pass) (*autograd.Var, []*autograd.Var) {
			bound := nn.Bind(tape, d)
			loss := func(x, text *tensor.Tensor, target float32) *autograd.Var {
				return nn.BCEWithLogitsTo(bound.Forward(tape.Const(x), tape.Const(text), pass), target, nil)
			}
			mismatch := autograd.Add(loss(real, wrong, 0), loss(fake, right, 0))
			return autograd.Add(loss(real, right, 1), autograd.Scale(mismatch, 0.5)), nn.Params(bound)
		},
		func(tape *autograd.Tape, fake *autograd.Var, pass *nn.Pass) *autograd.Var {
			return nn.BCEWithLogitsTo(d.Forward(fake, tape.Const(right), pass), 1, nil)
		})
}
