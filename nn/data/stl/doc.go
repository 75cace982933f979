// Package stl reads the binary version of STL-10: 96×96 pixels in three planes, each column by column. Coates, Lee & Ng
// 2011, "An analysis of single-layer networks in unsupervised feature learning".
package stl
