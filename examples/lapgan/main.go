// Command lapgan paints pictures from coarse to fine (Denton et al. 2015).
//
//	go run ./examples/lapgan                                       a first look: emoji from embedded weights, step by step
//	go run ./examples/lapgan sample -class hearts more.png         more of a class; also chain, redraw and paint
//	go run ./examples/lapgan train -out RUN                        learn shapes that the program draws
//	go run ./examples/lapgan train -data DIR -out RUN              CIFAR-10 or STL-10 binaries, or a folder of pictures
//	go run ./examples/lapgan train -preset mixed -out RUN          Row LSTM at the base, adversarial networks above
//	go run ./examples/lapgan sample -run RUN table.png             a table of classes, or -class 3
//	go run ./examples/lapgan chain -run RUN chain.png              every step from the coarsest image to the finest
//	go run ./examples/lapgan redraw -run RUN variants.png          other details on the same coarsest images
//	go run ./examples/lapgan paint -run RUN picture.png            each class from coarse to fine, and more of it
//	go run ./examples/lapgan eval -data DIR -judge FILE RUN...     likelihoods, FID, and how often the class is recognised
//	go run ./examples/lapgan human -data DIR page.html NAME=RUN... a test for people: real or not?
//	go run ./examples/lapgan answers answers.csv...                what they said
//
// RUN has a folder for each level; levels are trained apart, at the same time if there are cores for it. custom.go is a level
// of one's own. Every command takes -h.
package main

import "github.com/gander-ml/gander/examples/internal/cli"

func main() {
	cli.Main("lapgan", "lapgan paints pictures from coarse to fine (Denton et al. 2015).",
		demoCommand, trainCommand, sampleCommand, chainCommand, redrawCommand, paintCommand, evalCommand,
		humanCommand, answersCommand)
}
