// Package photorealistic embeds the weights of an SRGAN (Ledig et al. 2017), for photographs four times larger: the network of
// package srresnet, gone on against a discriminator, so that it draws texture where that one is smooth. What it draws is likely,
// not certain: each pixel is further from the original. A program pays for them only if it imports this package:
//
//	up, err := srgan.Open(photorealistic.Weights)
package photorealistic

import _ "embed"

// Name is what tables call the network.
const Name = "SRGAN"

// Weights is a checkpoint of 16 blocks of 64 channels without normalisation, in half precision, trained on the redistributable
// photographs that NOTICE lists, by features of package photographs in srgan/perception. README.md beside this file says how.
//
//go:embed srgan.safetensors
var Weights []byte
