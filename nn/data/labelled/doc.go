// Package labelled holds data sets of small pictures of one size, with their classes, in memory at 8 bits a channel: what
// the readers of MNIST, CIFAR-10 and STL-10 return, and what is drawn by package synthetic. [Images.Batches] makes a source
// of training batches of them.
package labelled
