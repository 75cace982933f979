// Package vgg holds the feature maps of VGG19 (Simonyan & Zisserman 2015, configuration E): a network that was trained to
// tell objects apart, whose maps are compared instead of pixels where a loss or a measure should follow what people see.
//
//	net, err := vgg.Load("vgg19.pth", vgg.Options{})         // PyTorch's published weights, up to conv5_4
//	maps := net.Maps(images)                                 // images (N,H,W,3) with values in [-1,1]
//
// A network that is not bound is frozen: gradients flow through it to the image, and its weights cost nothing.
package vgg
