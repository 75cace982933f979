// Package digits embeds the weights of a small alignDRAW that paints one or two digits where a caption says. A program pays for
// them only if it imports this package:
//
//	m, _, err := draw.Open(digits.Weights, "captioned digits")
//	text, err := m.Vocabulary.Read("the digit seven is on the left of the digit two .")
//	pictures := m.Sample(1, text, rng).Last()
//
// The captions are those of package placed.
package digits

import _ "embed"

// Weights is a checkpoint of the model with its vocabulary, in half precision, trained on digits that were drawn from fonts.
// README.md has the commands and the figures.
//
//go:embed digits.safetensors
var Weights []byte
