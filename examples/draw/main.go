// Command draw paints pictures in steps, from nothing (DRAW, Gregor et al. 2015) or from a caption whose words it attends to on
// the way (alignDRAW, Mansimov et al. 2016).
//
//	go run ./examples/draw train -out RUN                       alignDRAW on captioned digits drawn from fonts
//	go run ./examples/draw train -kind draw -digits DIR -out RUN    DRAW on the MNIST files in DIR
//	go run ./examples/draw train -data DIR -size 32 -out RUN    alignDRAW on pictures with captions
//	go run ./examples/draw sample -model RUN/model.safetensors "the digit seven is at the top left of the image ."
//	go run ./examples/draw sample -model RUN/model.safetensors -gif steps.gif -strip steps.png -words words.png "…"
//	go run ./examples/draw eval -model RUN/model.safetensors -judge judge.safetensors
//
// Every command takes -h.
package main

import (
	"github.com/gander-ml/gander/examples/internal/cli"
)

func main() {
	cli.Main("draw", "draw paints in steps, from nothing or from a caption (Gregor et al. 2015, Mansimov et al. 2016).",
		trainCommand, sampleCommand, sharpenCommand, evalCommand)
}
