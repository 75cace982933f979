// Command srgan enlarges photographs four times.
//
//	go run ./examples/srgan                             a first look at an embedded photo
//	go run ./examples/srgan upscale photo.jpg big.png   enlarge a file, or all of a folder
//	go run ./examples/srgan eval DIR                    measure against originals
//	go run ./examples/srgan compare -out FILE DIR       look at them beside originals
//	go run ./examples/srgan train -data DIR -out RUN    train a network of your own
//	go run ./examples/srgan interpolate A B OUT         weights between those of two runs
//	go run ./examples/srgan perception -data DIR -out RUN    train features to compare by
//
// Every command takes -h.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/srgan/compact"
	"github.com/gander-ml/gander/srgan/photorealistic"
	"github.com/gander-ml/gander/srgan/srresnet"
)

func main() {
	cli.Main("srgan", "srgan enlarges photographs four times (Ledig et al. 2017).", demo, upscale, eval, compareCommand, trainCommand, perceptionCommand, niqeCommand, interpolateCommand,
		opinionCommand, opinionsCommand)
}

// embedded are the networks that come with the program, the one for no name first.
var embedded = []embeddedModel{
	{compact.Name, compact.Weights},
	{srresnet.Name, srresnet.Weights},
	{photorealistic.Name, photorealistic.Weights},
}

type embeddedModel struct {
	name    string
	weights []byte
}

// open returns the upscaler for a model, which is the name of an embedded one, a file, or "" for the first embedded one, and what
// to call it in pictures.
func open(model string) (*srgan.Upscaler, string, error) {
	if model == "" {
		model = embedded[0].name
	}
	if e := embeddedAs(model); e != nil {
		u, err := srgan.Open(e.weights)
		return u, e.name, err
	}
	u, err := srgan.OpenFile(model)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; the embedded ones are %s", err, modelNames())
	}
	return u, "model", err
}

// embeddedAs returns the embedded network of a name, in whichever case, nil if there is none.
func embeddedAs(name string) *embeddedModel {
	for i := range embedded {
		if strings.EqualFold(name, embedded[i].name) {
			return &embedded[i]
		}
	}
	return nil
}

// modelNames lists the embedded networks, for the help of -model.
func modelNames() string {
	var names []string
	for _, e := range embedded {
		names = append(names, e.name)
	}
	return strings.Join(names, ", ")
}
