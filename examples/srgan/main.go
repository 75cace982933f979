// Command srgan enlarges photographs four times.
//
//	go run ./examples/srgan                             a first look at an embedded photo
//	go run ./examples/srgan upscale photo.jpg big.png   enlarge a file, or all of a folder
//	go run ./examples/srgan eval DIR                    measure against originals
//	go run ./examples/srgan compare -out FILE DIR       look at them beside originals
//	go run ./examples/srgan train -data DIR -out RUN    train a network of your own
//	go run ./examples/srgan perception -data DIR -out RUN    train features to compare by
//
// Every command takes -h.
package main

import (
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/srgan/compact"
)

func main() {
	cli.Main("srgan", "srgan enlarges photographs four times (Ledig et al. 2017).", demo, upscale, eval, compareCommand, trainCommand, perceptionCommand, niqeCommand,
		opinionCommand, opinionsCommand)
}

// open returns the upscaler for a model file, or the embedded one for "", and what to call it in tables.
func open(model string) (*srgan.Upscaler, string, error) {
	if model == "" {
		u, err := srgan.Open(compact.Weights)
		return u, compact.Name, err
	}
	u, err := srgan.OpenFile(model)
	return u, "model", err
}
