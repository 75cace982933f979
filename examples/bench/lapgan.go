package main

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
)

// lapganCases are training steps of class-conditional levels of LAPGAN for CIFAR-10.
func lapganCases() []bench {
	var out []bench
	for _, c := range []struct {
		name  string
		side  int
		flops float64
	}{{"16to32", 32, 214458433536}, {"8to16", 16, 48736108544}} {
		out = append(out, bench{
			name: fmt.Sprintf("train/lapgan-cifar-%s/b128", c.name), flops: c.flops, alone: true,
			setup: func(bf16 bool) (func(), error) { return lapganStep(c.side, bf16) },
		})
	}
	return out
}

// lapganStep is one update of both networks, with one forward pass of the generator for the two.
func lapganStep(side int, bf16 bool) (run func(), err error) {
	const n, classes = 128, 10
	rng := newRand()
	o := lapgan.ConvOptions{Side: side, Classes: classes}
	g, d := lapgan.NewConv(o, rng), lapgan.NewConvDiscriminator(o, rng)
	use(bf16, g, d)
	rule := optim.SGD{Rate: 0.02, Momentum: 0.5}
	optG, optD := rule.Init(nn.Params(g)), rule.Init(nn.Params(d))
	diff, coarse := tensor.RandN(rng, n, side, side, 3), tensor.RandN(rng, n, side, side, 3)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % classes
	}
	class := gan.Class(classes).Encode(labels...)
	z := tensor.New(n, side, side, 1)
	tapeG := autograd.NewTape()
	tapeD, pass := tapeG.Beside(), &nn.Pass{Train: true, Rand: rng}
	var lossD, lossG float32
	run = func() {
		tapeG.Reset()
		low, y := tapeG.Const(coarse), tapeG.Const(class)
		tensor.RandNInto(z, rng)
		boundG := nn.Bind(tapeG, g)
		fake := boundG.Forward(tapeG.Const(z), low, y, pass)

		boundD := nn.Bind(tapeD, d)
		judge := func(x *tensor.Tensor) *autograd.Var {
			return boundD.Forward(tapeD.Const(x), tapeD.Const(coarse), tapeD.Const(class), pass)
		}
		loss := autograd.Add(nn.BCEWithLogitsTo(judge(diff), 1, nil), nn.BCEWithLogitsTo(judge(fake.Value()), 0, nil))
		optD.Step(autograd.LastGrad(loss, nn.Params(boundD)...))
		lossD = loss.Item()
		tapeD.Reset()

		loss = nn.BCEWithLogitsTo(d.Forward(fake, low, y, pass), 1, nil)
		optG.Step(autograd.LastGrad(loss, nn.Params(boundG)...))
		lossG = loss.Item()
	}
	run()
	// Before it has learned anything, a discriminator with small weights finds everything as real as not.
	if first := lossD; !(first > 1.2 && first < 2 && lossG > 0.2 && lossG < 2) {
		return nil, fmt.Errorf("losses of the first step are %g and %g, want about 1.39 and 0.69", first, lossG)
	}
	first := lossD
	for range 2 {
		run()
	}
	if !(lossD < first) {
		return nil, fmt.Errorf("the discriminator's loss went from %g to %g", first, lossD)
	}
	return run, nil
}
