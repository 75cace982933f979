// Command lapgan paints pictures from coarse to fine (Denton et al. 2015).
//
//	go run ./examples/lapgan train -out RUN                        learn shapes that the program draws
//	go run ./examples/lapgan train -data DIR -out RUN              CIFAR-10 or STL-10 binaries, or a folder of pictures
//	go run ./examples/lapgan train -levels row,conv,conv -out RUN  Row LSTM at the base, adversarial networks above
//	go run ./examples/lapgan sample -run RUN table.png             a table of classes, or -class 3
//	go run ./examples/lapgan chain -run RUN chain.png              every step from the coarsest image to the finest
//	go run ./examples/lapgan redraw -run RUN variants.png          other details on the same coarsest images
//	go run ./examples/lapgan eval -run RUN -data DIR               scores and likelihoods, level by level
//
// RUN has a folder for each level; they are trained one after the other, or one alone with -only. Every command takes -h.
package main

import "github.com/gander-ml/gander/examples/internal/cli"

func main() {
	cli.Main("lapgan", "lapgan paints pictures from coarse to fine (Denton et al. 2015).",
		trainCommand, sampleCommand, chainCommand, redrawCommand, evalCommand)
}
