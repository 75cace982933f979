// Command toy2d trains a generative adversarial network on points of the plane, where one can see what it does: a ring of 8
// Gaussians or a grid of 25.
//
//	go run ./examples/toy2d train -out RUN                        non-saturating loss with R1, on the grid
//	go run ./examples/toy2d train -out RUN -loss wgan-gp          Wasserstein loss with gradient penalty
//	go run ./examples/toy2d sample -model RUN/model.safetensors points.png
//	go run ./examples/toy2d eval -model RUN/model.safetensors     modes covered, and points near one
//
// RUN/samples has a picture of each stage: the generator's points on the mixture's. Every command takes -h.
package main

import "github.com/gander-ml/gander/examples/internal/cli"

func main() {
	cli.Main("toy2d", "toy2d trains a GAN on points of the plane.", trainCommand, sampleCommand, evalCommand)
}
