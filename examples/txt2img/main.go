// Command txt2img paints pictures of sentences (Reed et al. 2016).
//
//	go run ./examples/txt2img                                 a first look: a sheet from embedded weights
//	go run ./examples/txt2img "a red heart"                   your own sentence
//	go run ./examples/txt2img paint "a heart" "a star"        several, from the same noise
//	go run ./examples/txt2img interpolate "a heart" "a star"  from one sentence to another
//
// The embedded model knows emoji. To paint other things, train one on pictures with captions, or on shapes that the program
// draws, in two steps:
//
//	go run ./examples/txt2img encode -data DIR -out ENC                                  sentences into vectors
//	go run ./examples/txt2img train -data DIR -encoder ENC/encoder.safetensors -out RUN  vectors into pictures
//	go run ./examples/txt2img paint -model RUN/model.safetensors "a small brown bird"
//
// and to measure it:
//
//	go run ./examples/txt2img encode -judge 77 -data DIR -out JUDGE
//	go run ./examples/txt2img eval -judge JUDGE/pair.safetensors -data DIR RUN/model.safetensors
//	go run ./examples/txt2img style -model RUN/model.safetensors -data DIR -out STYLE
//	go run ./examples/txt2img transfer -model RUN/model.safetensors -style STYLE/style.safetensors photo.jpg sheet.png
//
// Every command takes -h.
package main

import (
	"flag"
	"os"
	"slices"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
)

var commands = []cli.Command{
	demoCommand, paintCommand, interpolateCommand, encodeCommand, trainCommand, styleCommand, transferCommand, evalCommand,
}

func main() {
	os.Args = append(os.Args[:1:1], withPaint(os.Args[1:])...)
	cli.Main("txt2img", "txt2img paints pictures of sentences (Reed et al. 2016).", commands...)
}

// withPaint puts "paint" before a sentence that stands where a command is expected. What looks like a mistyped command with
// flags of its own is left alone, so that the answer is a list of the commands.
func withPaint(args []string) []string {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || args[0] == "help" || slices.ContainsFunc(commands, func(c cli.Command) bool {
		return c.Name != "" && c.Name == args[0]
	}) {
		return args
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	paintCommand.Setup(flags)
	for _, a := range args[1:] {
		name, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if strings.HasPrefix(a, "-") && name != "" && name != "h" && name != "help" && flags.Lookup(name) == nil && !strings.Contains(args[0], " ") {
			return args
		}
	}
	return append([]string{"paint"}, args...)
}
