// Package flowers reads the Oxford flowers of 102 categories (Nilsback & Zisserman 2008): 8,189 pictures with imagelabels.mat
// and setid.mat, and the ten captions of each by Reed, Akata, Schiele & Lee 2016. Categories are held out for zero-shot tests
// by the published lists.
//
//	set, err := flowers.Open("oxford102", flowers.Options{})
//	…
//	train, err := set.Split(caption.Train)
//	…
//	pictures, err := train.Load(caption.LoadOptions{Size: 76, Cut: caption.Whole})
package flowers
