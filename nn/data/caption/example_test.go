package caption_test

import (
	"fmt"
	"strings"

	"github.com/gander-ml/gander/nn/data/caption"
)

// What is wrong with a file is said line by line.
func ExampleRead() {
	_, err := caption.Read(strings.NewReader(`{"file": "frog.png", "class": "amphibian", "captions": ["a green frog"]}
{"file": "../toad.png", "class": "amphibian", "caption": "a toad"}
{"file": "newt.png", "class": "amphibian"}`), caption.Options{})
	fmt.Println(err)
	// Output: line 2: "../toad.png" is not a path within the folder; line 3: no "captions" and no "caption"
}
