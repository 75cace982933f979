// Command cifar trains generative adversarial networks on small colour pictures: DCGAN (Radford et al. 2016), WGAN-GP
// (Gulrajani et al. 2017) or a residual pair with spectral norm (Miyato et al. 2018), told the class of what to make or not.
//
//	go run ./examples/cifar train -out RUN                         DCGAN on shapes that the program draws
//	go run ./examples/cifar train -data DIR -out RUN               on the CIFAR-10 binaries in DIR, or a folder of pictures
//	go run ./examples/cifar train -game wgan-gp -out RUN           or resnet; -unconditional tells no classes
//	go run ./examples/cifar sample -model RUN/model.safetensors table.png
//	go run ./examples/cifar eval -judge judge.safetensors -data DIR RUN/model.safetensors
//
// RUN/samples has a table of each stage. Every command takes -h.
package main

import "github.com/gander-ml/gander/examples/internal/cli"

func main() {
	cli.Main("cifar", "cifar trains GANs on small colour pictures: DCGAN, WGAN-GP, residual networks.",
		trainCommand, sampleCommand, evalCommand)
}
