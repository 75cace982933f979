package autograd

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// Var is a tensor that a computation can be differentiated by. It never changes once made, except that an optimiser
// updates the tensor of a parameter between steps.
type Var struct {
	value *tensor.Tensor
	tape  *Tape // lends memory; nil for values that live on the heap
	node  *node // how the value came about; nil for a constant
	gen   int   // the tape's generation when the value was made

	dropped bool // by Drop; the value may be anything
}

// Const returns a Var that holds t and is on no tape.
func Const(t *tensor.Tensor) *Var { return &Var{value: t} }

// Value returns the tensor that v holds, sharing memory.
func (v *Var) Value() *tensor.Tensor { return v.value }

// Shape returns the sizes of v. The caller must not change them.
func (v *Var) Shape() []int { return v.value.Shape() }

// Dim returns the size of an axis; -1 is the last one.
func (v *Var) Dim(axis int) int { return v.value.Dim(axis) }

// Rank returns the number of axes.
func (v *Var) Rank() int { return v.value.Rank() }

// Len returns the number of elements.
func (v *Var) Len() int { return v.value.Len() }

// Item returns the only element of a Var that has one, and panics otherwise.
func (v *Var) Item() float32 { return v.value.Item() }

// Reshape is [Reshape] as a method.
func (v *Var) Reshape(shape ...int) *Var { return Reshape(v, shape...) }

// IsRecorded reports whether gradients flow into v: whether it is a leaf of a tape or depends on one.
func (v *Var) IsRecorded() bool { return v.node != nil }

// constant returns the value of v without its history, with the same tape lending memory.
func (v *Var) constant() *Var {
	if v.node == nil {
		return v
	}
	return &Var{value: v.value, tape: v.tape, gen: v.gen}
}

// Detach returns the value of v as a constant: no gradient flows through it.
func Detach(v *Var) *Var { return v.constant() }

// String describes v by its shape, for error messages.
func (v *Var) String() string {
	kind := "constant"
	if v.node != nil {
		kind = v.node.op
	}
	return fmt.Sprintf("%s %s", kind, tensor.Format(v.Shape()))
}

// constOn returns a constant that holds t and shares the tape of v.
func constOn(v *Var, t *tensor.Tensor) *Var { return &Var{value: t, tape: v.tape, gen: v.gen} }
