// Package nn holds what networks are made of: layers, initialisation and losses, and the rules by which any struct is
// a network.
//
// A network is a struct. A tagged field says what part of it learns or is kept:
//
//   - *autograd.Var is a parameter,
//   - *tensor.Tensor is state that is saved but does not learn, such as a running mean,
//   - a struct, a pointer to one, a slice or array, or an interface is walked.
//
// The tag is the name in checkpoints; names of nested fields are joined by dots, and elements of slices are numbered:
// body.3.conv1.weight. The tag "." adds no name of its own, and "-" leaves a field out. There is nothing to embed and
// nothing to register, and Forward is an ordinary method with whatever arguments suit the network:
//
//	type Painter struct {
//		Grow *nn.Linear `nn:"grow"`
//		Out  *nn.Conv2D `nn:"out"`
//	}
//
// Which parameters learn is decided by [Bind]; whether a network trains, and with which random numbers, by the [Pass]
// that is given to Forward.
package nn
