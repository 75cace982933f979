// Package cub reads Caltech-UCSD Birds 200-2011 (Wah et al. 2011, CNS-TR-2011-001): 11,788 pictures of 200 species with boxes,
// parts and segmentations, and the ten captions of each by Reed, Akata, Schiele & Lee 2016. Species are held out for zero-shot
// tests by the published lists.
//
//	birds, err := cub.Open("CUB_200_2011", cub.Options{})
//	…
//	train, err := birds.Split(caption.Train)
//	…
//	cut, err := birds.CutToBox(1.5)
//	…
//	pictures, err := train.Load(caption.LoadOptions{Size: 76, Cut: cut})
package cub
