// Package autograd differentiates tensor computations.
//
// An operation on [Var]s computes at once. If one of its inputs is on a [Tape], the operation is recorded there; otherwise
// nothing is. There are no modes: what learns is decided by which values are leaves ([Tape.Leaf]), and everything else is
// a constant that gradients flow past at no cost.
//
//	tape := autograd.NewTape()
//	x := tape.Leaf(t)
//	y := autograd.Sum(autograd.Mul(x, autograd.Mul(x, x)))
//	g := autograd.GradOnTape(y, x)            // 3x², still on the tape
//	h := autograd.Grad(autograd.Sum(g[0]), x) // 6x
//
// Derivatives are written with the same operations they belong to, so a gradient taken with [GradOnTape] can be
// differentiated again.
//
// Memory belongs to the step: what an operation makes on a tape comes from the tape's arena and is valid until
// [Tape.Reset]. A Tape, and every Var on it, belongs to one goroutine; two goroutines with two tapes may use the same
// constants at the same time.
package autograd
