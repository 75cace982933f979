// Package synthetic draws data sets, so that tests and first tries need no download: [Digits] stands for MNIST, [Shapes]
// for CIFAR-10 and STL-10, and [CaptionedShapes] for captioned sets with splits by class. Picture i is a function of the
// seed and of i alone, on any number of cores.
package synthetic
