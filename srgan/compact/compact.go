// Package compact embeds the weights of a small SRResNet, for four times larger photographs in little time. A program pays
// for them only if it imports this package:
//
//	up, err := srgan.Open(compact.Weights)
package compact

import _ "embed"

// Name is what tables call the network.
const Name = "compact"

// Weights is a checkpoint of an SRResNet without normalisation, in half precision, trained on the redistributable photographs
// that NOTICE lists. README.md beside this file says how.
//
//go:embed compact.safetensors
var Weights []byte
