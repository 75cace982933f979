// Package data brings examples to a training loop.
//
// A [Source] makes the batch of a step, as a pure function of a seed and the number of the step, so that nothing about it
// has to be saved in a checkpoint, and any number of goroutines may work ahead ([Prefetch]). A [Loader] is the source that
// goes through a data set epoch by epoch; [Patches] cuts pieces out of images; [Map] and [Zip] build sources from others.
// Whatever is random takes the generator as an argument, and [Stream] makes generators that do not depend on each other.
package data
