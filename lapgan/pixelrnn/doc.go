// Package pixelrnn holds models that draw an image one value after the other, in raster order and colour by colour, each given
// all before it: PixelCNN, Row LSTM and Diagonal BiLSTM. They know the exact likelihood of an image, complete images of which
// a part is missing, and may be conditioned on another image and on a class. van den Oord, Kalchbrenner & Kavukcuoglu 2016,
// "Pixel recurrent neural networks".
//
//	m := pixelrnn.New(pixelrnn.Options{Kind: pixelrnn.DiagonalBiLSTM, Height: 28, Width: 28, Channels: 1, Values: 2}, rng)
//	err := train.Play(ctx, run, []train.Player[pixelrnn.Batch]{m.Player(nil)}, digits)
//	images := m.Sample(16, pixelrnn.Condition{}, rng)
//
// Values of images are whole numbers from 0, as float32.
package pixelrnn
