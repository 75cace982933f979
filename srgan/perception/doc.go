// Package perception trains a network of features that stands in for VGG19 where its published weights are not at hand.
//
// It is a narrow VGG19 that learns from photographs alone, without anybody's labels: to tell from which photograph a piece
// was cut, in spite of changes of brightness and colour, and what was done to the piece, which may have been blurred,
// shrunk and enlarged again, or strewn with noise. The one makes its maps see texture and form, the other sharpness. That
// is not what a million labelled images teach VGG19: a loss or a figure over such a network carries its name (vgg.VGG.Name)
// and is to be compared with others of the same name only.
package perception
