// Package emoji embeds the weights of a small model that paints emoji of English sentences. A program pays for them only if it
// imports this package:
//
//	m, err := txt2img.Open(emoji.Weights)
//	pictures, err := m.Paint("a red heart", txt2img.Paint{N: 8})
package emoji

import _ "embed"

// Name is what tables call the model.
const Name = "emoji"

// Weights is a checkpoint of a generator with its encoder of captions, in half precision, trained on the redistributable
// captioned emoji that NOTICE credits.
//
//go:embed emoji.safetensors
var Weights []byte
