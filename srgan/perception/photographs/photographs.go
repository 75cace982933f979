// Package photographs embeds a network of features that was trained on 161 photographs, for losses and distances where the
// published weights of VGG19 are not at hand. A program pays for it only if it imports this package:
//
//	net, err := photographs.Open(vgg.VGG22, vgg.VGG54)
package photographs

import (
	_ "embed"

	"github.com/gander-ml/gander/nn/vgg"
)

// Scale is what features are multiplied by so that the loss on those of 5.4 is about as large as the squared error of pixels is,
// on photographs that an SRResNet has enlarged. The paper has 1/12.75 for VGG19.
const Scale = 0.2

// weights is a checkpoint of package perception in half precision. README.md beside this file says how it was made.
//
//go:embed photographs.safetensors
var weights []byte

// Taps are the maps that pictures are compared by where nothing else is asked for: the last of each block.
func Taps() []vgg.Tap {
	return []vgg.Tap{{Block: 1, Conv: 2}, {Block: 2, Conv: 2}, {Block: 3, Conv: 4}, {Block: 4, Conv: 4}, {Block: 5, Conv: 4}}
}

// Open returns the network with the maps of taps, from the image on, or of [Taps]. Its Name tells it from VGG19.
func Open(taps ...vgg.Tap) (*vgg.VGG, error) {
	if len(taps) == 0 {
		taps = Taps()
	}
	return vgg.Read(weights, "embedded features", vgg.Options{Taps: taps})
}
