// Command digits trains generative adversarial networks on digits: the network for MNIST of the paper that introduced them
// (Goodfellow et al. 2014), the class-conditional one (Mirza & Osindero 2014), or a convolutional one whose discriminator
// also says which digit it sees (Radford et al. 2016; Odena et al. 2017).
//
//	go run ./examples/digits train -out RUN                             GAN on digits drawn from fonts
//	go run ./examples/digits train -out RUN -net dcgan                  DCGAN on the same, told which digit to draw
//	go run ./examples/digits train -out RUN -net cgan -data DIR         CGAN on the MNIST files in DIR
//	go run ./examples/digits sample -model RUN/model.safetensors sheet.png
//	go run ./examples/digits eval -model RUN/model.safetensors -judge judge.safetensors
//
// RUN/samples has a sheet of each stage. Every command takes -h.
package main

import "github.com/gander-ml/gander/examples/internal/cli"

func main() {
	cli.Main("digits", "digits trains GANs on digits (Goodfellow et al. 2014, Mirza & Osindero 2014, Radford et al. 2016).",
		trainCommand, sampleCommand, evalCommand)
}
