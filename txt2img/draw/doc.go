// Package draw paints pictures in steps on a canvas: DRAW (Gregor et al. 2015, "DRAW: A recurrent neural network for image
// generation") and alignDRAW, which paints what a caption says and attends to its words on the way (Mansimov et al. 2016,
// "Generating images from captions with attention"). They are variational autoencoders: an encoder that sees the picture and
// what is missing of it tells a decoder what to paint next, in as few nats as it can, and training lowers a bound on the
// negative logarithm of the probability of a picture.
//
//	m := draw.New(draw.MNIST, rng)
//	err := train.Play(ctx, run, []train.Player[draw.Batch]{m.Player(nil)}, digits)
//	pictures := m.Sample(16, draw.Text{}, rng).Last()
//
// Pictures are (N,H,W,C) with values in [0,1]: probabilities of pixels that are on.
package draw
