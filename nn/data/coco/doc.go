// Package coco reads the captions of Microsoft COCO (Lin et al. 2014; Chen et al. 2015): annotations/captions_train2014.json
// and captions_val2014.json, with the pictures in train2014 and val2014. Each picture has about five captions and no class.
//
//	set, err := coco.Open("coco", coco.Options{})
//	…
//	train, err := set.Split("train")
package coco
