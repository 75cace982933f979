// Package style separates what a sentence does not say from what it says. A style encoder S recovers from a picture the
// noise z that a text-to-image generator would have painted it from; with the sentence of another picture, the generator
// then paints that content in this style. Reed, Akata, Yan, Logeswaran, Schiele & Lee 2016, "Generative adversarial text to
// image synthesis", §4.4.
//
//	s := style.New(style.Options{}, rng)
//	game := style.Game{Generator: g, Encoder: s}                     // g is trained, and stays as it is
//	bank := style.NewBank(embeddings)                                // (pictures, captions, 1024)
//	err := train.Play(ctx, run, []train.Player[*tensor.Tensor]{game.Player(nil)}, bank.Batches(64, 4))
//	grid := style.Transfer(g, s, photos, sentences)                  // every sentence in the style of every photo
//
// Whether S has found style is measured as in §5.1 of the paper: [KMeans] sorts pictures by the colour of the background
// ([Background]) or by [Pose], [Pairs] makes pairs of similar and dissimilar style, and [Verify] says how well a score tells
// them apart, by the area under the ROC curve over five folds. [Paint] makes pictures whose style is known, where no data set
// says it.
//
// Generators are anything with the Forward of [Generator], and encoders any [nn.Layer] from pictures to noise.
package style
