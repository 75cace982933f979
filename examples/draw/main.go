// Command draw paints pictures in steps, from nothing (DRAW, Gregor et al. 2015) or from a caption whose words it attends to on
// the way (alignDRAW, Mansimov et al. 2016).
//
//	go run ./examples/draw                                      a first look, with embedded weights: digits where captions put them
//	go run ./examples/draw "the digit seven is on the left of the digit two ."
//	go run ./examples/draw train -out RUN                       alignDRAW on captioned digits drawn from fonts
//	go run ./examples/draw train -kind draw -digits DIR -out RUN    DRAW on the MNIST files in DIR
//	go run ./examples/draw train -data DIR -size 32 -out RUN    alignDRAW on pictures with captions
//	go run ./examples/draw sample -model RUN/model.safetensors "the digit seven is at the top left of the image ."
//	go run ./examples/draw sample -model RUN/model.safetensors -gif steps.gif -strip steps.png -words words.png "…"
//	go run ./examples/draw sharpen -data DIR -size 32 -out EDGES
//	go run ./examples/draw eval -model RUN/model.safetensors -judge judge.safetensors
//
// Every command takes -h.
package main

import (
	"os"

	"github.com/gander-ml/gander/examples/internal/cli"
)

var commands = []cli.Command{demoCommand, sampleCommand, trainCommand, sharpenCommand, evalCommand}

func main() {
	os.Args = append(os.Args[:1:1], withSample(os.Args[1:])...)
	cli.Main("draw", "draw paints in steps, from nothing or from a caption (Gregor et al. 2015, Mansimov et al. 2016).", commands...)
}
