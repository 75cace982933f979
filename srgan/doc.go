// Package srgan enlarges photographs four times: SRResNet and SRGAN of Ledig et al. 2017, "Photo-Realistic Single Image
// Super-Resolution Using a Generative Adversarial Network".
//
// [Open] reads a generator from a checkpoint and returns an [Upscaler], which takes images of any size in bounded
// memory. [SRResNet] is the network, [SRCNN] and [ESPCN] are baselines, and any [Generator] goes through the same upscaler.
//
// [Patches] and [MSE] train a generator on one's own photographs through package train. [Game] is the training of each
// [Variant] that the paper compares, with a [Discriminator] and a loss on the features of a network, VGG19 of package vgg or
// another in its place ([Features]), whose name stands beside every number that depends on it: package photographs of
// perception embeds one. [Perceptual] is a distance on the same features; package niqe scores pictures without an original, and
// package mos asks people. [Grow] makes a larger SRResNet of a trained one, so that it need not begin at noise.
//
// A generator that was trained elsewhere is a struct whose tags are the names of its weights, in PyTorch's .pth files or in
// safetensors: package checkpoint reads it, and [NewCustomUpscaler], whose example shows one with instance norms, takes it.
//
// Low-resolution images are what MATLAB's imresize makes of the originals, and figures carry the protocol that they were
// measured by: the benchmark numbers of the field depend on both.
package srgan
