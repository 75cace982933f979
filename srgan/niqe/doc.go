// Package niqe measures how natural a photograph looks without an original to compare with: the Natural Image Quality
// Evaluator of Mittal, Soundararajan & Bovik 2013, "Making a 'Completely Blind' Image Quality Analyzer". Less is better.
//
//	model, err := niqe.Fit(photos, niqe.Options{})   // once, on undistorted photographs
//	score, err := model.Score(picture)
//
// The steps: the luma of a picture is normalised by its local mean and deviation; patches of it, at full and at half size, are
// described by the parameters of generalised Gaussian distributions that fit the normalised values and the products of
// neighbours, 36 numbers for each patch; the score is the distance between the normal distribution of these numbers in the
// picture and that in the photographs.
//
// Scores depend on the photographs that a model was fitted on, so they are to be compared only among scores of one model.
// They are not those of the published model, which was fitted on other photographs. Two details differ from the
// published code: products of neighbours do not wrap around the border of a patch, and the shape of a distribution is
// solved for instead of looked up in steps of 0.001.
package niqe
