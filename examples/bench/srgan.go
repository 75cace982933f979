package main

import (
	"context"
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor"
)

// srganCases are super-resolution by SRResNet, and training steps of it alone and in the game of SRGAN.
func srganCases() []bench { return append(upscaleCases(), srganSteps()...) }

func upscaleCases() []bench {
	var out []bench
	for _, c := range []struct {
		h, w  int
		flops float64
	}{{128, 128, 72685191168}, {256, 256, 290740764672}, {270, 480, 574951219200}} {
		out = append(out, bench{
			name: fmt.Sprintf("infer/srresnet16-x4/%dx%d", c.h, c.w), flops: c.flops,
			mp: float64(16*c.h*c.w) / 1e6, alone: true,
			setup: func(bf16 bool) (func(), error) {
				rng := newRand()
				g := srgan.NewSRResNet(srgan.Options{}, rng)
				for _, b := range g.Body { // as in a trained network, blocks add little each
					b.Norm2.Weight.Value().Fill(0.1)
				}
				use(bf16, g)
				u := srgan.NewUpscaler(g)
				x := tensor.RandU(rng, 0, 1, c.h, c.w, 3)
				run := func() {
					err := u.Blocks(context.Background(), x, func(int, int, *tensor.Tensor) error { return nil })
					if err != nil {
						panic(err) // nothing here can fail
					}
				}
				return run, agrees(g)
			},
		})
	}
	return out
}

// agrees compares what the upscaler makes of a small picture with the network itself.
func agrees(g *srgan.SRResNet) error {
	x := tensor.RandU(newRand(), 0, 1, 20, 24, 3)
	got, err := srgan.NewUpscaler(g).Tensor(context.Background(), x)
	if err != nil {
		return err
	}
	want := tensor.Affine(g.Forward(autograd.Const(x.Reshape(1, 20, 24, 3)), nil).Value(), 0.5, 0.5)
	tensor.ClampInto(want, want, 0, 1)
	for i, v := range want.Data() {
		if d := got.Data()[i] - v; d > 1e-4 || d < -1e-4 || d != d {
			return fmt.Errorf("value %d is %g, the network makes %g", i, got.Data()[i], v)
		}
	}
	return nil
}

func srganSteps() []bench {
	return []bench{{
		name: "train/srgan-full/b8-lr24", flops: 345838714880, alone: true, setup: srganStep,
	}, {
		name: "train/srresnet16-mse/b16-lr24", flops: 122369605632, alone: true,
		setup: func(bf16 bool) (func(), error) {
			rng := newRand()
			g := srgan.NewSRResNet(srgan.Options{}, rng)
			use(bf16, g)
			x, y := tensor.RandU(rng, 0, 1, 16, 24, 24, 3), tensor.RandU(rng, 0, 1, 16, 96, 96, 3)
			opt := optim.Adam{Rate: 1e-4}.Init(nn.Params(g))
			tape, pass := autograd.NewTape(), &nn.Pass{Train: true}
			var first, last float32
			run := func() {
				tape.Reset()
				bound := nn.Bind(tape, g)
				loss := nn.MSE(bound.Forward(tape.Const(x), pass), autograd.Const(y))
				opt.Step(autograd.LastGrad(loss, nn.Params(bound)...))
				pass.Commit()
				last = loss.Item()
			}
			run()
			first = last
			run()
			if !(last < first) {
				return nil, fmt.Errorf("the loss went from %g to %g", first, last)
			}
			return run, nil
		},
	}}
}

// srganStep is a step of SRGAN-VGG54: the generator runs once, the discriminator learns to tell its patches from real
// ones, and the generator learns from the features, before their activation, and from the discriminator, which is frozen.
func srganStep(bf16 bool) (func(), error) {
	rng := newRand()
	g := srgan.NewSRResNet(srgan.Options{}, rng)
	d := srgan.NewDiscriminator(srgan.DiscriminatorOptions{AllBiases: true}, rng)
	content := srgan.FeatureLoss{Features: vgg.New(vgg.Options{BeforeReLU: true}, rng)}
	use(bf16, g, d, content.Features)
	lr, hr := tensor.RandU(rng, 0, 1, 8, 24, 24, 3), tensor.RandU(rng, 0, 1, 8, 96, 96, 3)
	optG, optD := optim.Adam{Rate: 1e-4}.Init(nn.Params(g)), optim.Adam{Rate: 1e-4}.Init(nn.Params(d))
	tapeG := autograd.NewTape()
	tapeD, pass := tapeG.Beside(), &nn.Pass{Train: true}
	var lossD, lossG float32
	run := func() {
		tapeG.Reset()
		boundG := nn.Bind(tapeG, g)
		fake := boundG.Forward(tapeG.Const(lr), pass)

		boundD := nn.Bind(tapeD, d)
		real, fakes := boundD.Forward(tapeD.Const(hr), pass), boundD.Forward(tapeD.Const(fake.Value()), pass)
		loss := autograd.Add(nn.BCEWithLogitsTo(real, 1, nil), nn.BCEWithLogitsTo(fakes, 0, nil))
		optD.Step(autograd.LastGrad(loss, nn.Params(boundD)...))
		lossD = loss.Item()
		tapeD.Reset()

		adversarial := nn.BCEWithLogitsTo(d.Forward(fake, pass), 1, nil)
		loss = autograd.Add(content.Value(fake, tapeG.Const(hr)), autograd.Scale(adversarial, srgan.AdversarialWeight))
		optG.Step(autograd.LastGrad(loss, nn.Params(boundG)...))
		lossG = loss.Item()
		pass.Commit()
	}
	run()
	firstD, firstG := lossD, lossG
	run()
	run()
	if !(lossD < firstD) || !(lossG < firstG) {
		return nil, fmt.Errorf("the losses went from %g and %g to %g and %g", firstD, firstG, lossD, lossG)
	}
	return run, nil
}
