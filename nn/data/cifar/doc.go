// Package cifar reads the binary version of CIFAR-10: records of a label and 32×32 pixels in three planes. Krizhevsky 2009,
// "Learning multiple layers of features from tiny images".
package cifar
