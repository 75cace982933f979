package main

import (
	"fmt"
	"os"

	"github.com/gander-ml/gander/examples/internal/pictures"
)

// load reads the pictures to learn from, or draws shapes, with sides of at least 8 pixels.
func load(dir string, side int) (pictures.Set, error) {
	const drawn = 5000
	set, err := pictures.Load(dir, side, drawn)
	for _, bad := range set.Bad {
		fmt.Fprintln(os.Stderr, "lapgan: left out:", bad)
	}
	return set, err
}
