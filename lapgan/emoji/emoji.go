// Package emoji embeds the weights of a small pyramid that paints emoji of some classes from coarse to fine. A program pays for
// them only if it imports this package:
//
//	p, classes, err := emoji.Open()
//	chain := p.Sample(rng, lapgan.Class(slices.Index(classes, "hearts")))
package emoji

import (
	"embed"

	"github.com/gander-ml/gander/lapgan"
)

// Name is what tables call the pyramid.
const Name = "emoji"

// files are the levels, in half precision, trained on the redistributable emoji that NOTICE credits. README.md beside this file
// says how.
//
//go:embed level-*.safetensors
var files embed.FS

// Open returns the pyramid and the names of its classes.
func Open() (lapgan.Pyramid, []string, error) { return lapgan.OpenFS(files) }
