// Package srresnet embeds the weights of a full SRResNet (Ledig et al. 2017, §2.1), for photographs four times larger: slower
// than package compact by about ten times, and closer to the original. A program pays for them only if it imports this package:
//
//	up, err := srgan.Open(srresnet.Weights)
package srresnet

import _ "embed"

// Name is what tables call the network.
const Name = "SRResNet"

// Weights is a checkpoint of 16 blocks of 64 channels without normalisation, in half precision, trained by the error of pixels
// on the redistributable photographs that NOTICE lists. README.md beside this file says how.
//
//go:embed srresnet.safetensors
var Weights []byte
