// Package photos embeds the weights of a small pyramid that has seen photographs: it gives an 8×8 picture, one of its own or a
// photograph shrunk to that, edges and shades that it could have had. A program pays for them only if it imports this package:
//
//	p, err := photos.Open()
//	chain := p.Sample(rng, lapgan.Many(4))
package photos

import (
	"embed"

	"github.com/gander-ml/gander/lapgan"
)

// Name is what tables call the pyramid.
const Name = "photos"

// files are the levels, in half precision, trained on the photographs that NOTICE credits. README.md beside this file says how.
//
//go:embed level-*.safetensors
var files embed.FS

// Open returns the pyramid, which knows no classes.
func Open() (lapgan.Pyramid, error) {
	p, _, err := lapgan.OpenFS(files)
	return p, err
}
