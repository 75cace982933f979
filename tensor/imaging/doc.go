// Package imaging carries pictures between files and tensors: decoding and encoding, BT.601 colour, PSNR and SSIM under a
// stated protocol, and labelled grids.
//
// A picture is an [Image]: colour in a tensor (H, W, C) with values in [0, 1], an optional straight alpha beside it, and
// what the file said about itself. Values are those stored in the file, nearly always sRGB; nothing is linearised.
//
//	photo, err := imaging.Open("photo.jpg", imaging.DecodeOptions{})
//	…
//	err = imaging.Save("photo.png", photo, imaging.EncodeOptions{})
//
// Sizes are checked from the header before memory is taken, and no file makes a function of this package panic.
package imaging
