// Package charcnnrnn makes vectors of sentences, character by character, such that the vector of a caption points where the
// vectors of its pictures do: the text encoder of text-to-image GANs, with all that it takes to train one.
//
//	pair, err := charcnnrnn.Train(ctx, run, charcnnrnn.Training{ByPicture: true}, pictures, heldOut)
//	…
//	vectors := pair.Text.Encode([]string{"a red heart", "a bird with a blue head"})   // (2,1024)
//
// An [Encoder] reads 70 characters ([Alphabet]) as one-hot rows, through three convolutions and a recurrent network whose
// states are averaged. [Joint] trains it against an encoder of pictures, [Image], or against the features of one that was
// trained to tell classes apart ([Classifier], [Features]), by the symmetric structured joint embedding loss [SJE]. [COCO]
// is the recipe that needs no pictures. [ZeroShot] and [Retrieval] measure what has been learned.
//
// Reed, Akata, Lee & Schiele 2016, "Learning deep representations of fine-grained visual descriptions" (the CVPR paper), and
// Reed, Akata, Yan, Logeswaran, Schiele & Lee 2016, "Generative adversarial text to image synthesis" (the ICML paper).
package charcnnrnn
