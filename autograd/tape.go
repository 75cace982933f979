package autograd

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// Tape remembers how values came about, and owns the memory they live in. It belongs to one goroutine.
type Tape struct {
	arena tensor.Arena
	nodes []*node
	gen   int
}

// node is one recorded operation, or a leaf, which has no inputs.
type node struct {
	op    string
	name  string // of a leaf
	in    []*Var
	out   *Var
	back  Backward
	index int
}

// Backward returns the gradients of a loss with respect to the inputs of an operation, given the gradient g with
// respect to its output: one Var for each input, of its shape, or nil where the gradient is zero everywhere or
// [Call.Wants] says that nobody asks for it. It is written with the operations of this package, so that what it
// computes can be differentiated again.
type Backward func(c *Call, g *Var) []*Var

// NewTape returns an empty tape.
func NewTape() *Tape { return &Tape{} }

// Beside returns another tape that takes its memory from where t does, for players that take turns: what one has given back by
// Reset, the other lends. Both belong to the same goroutine.
func (t *Tape) Beside() *Tape { return &Tape{arena: t.arena.Beside()} }

// Leaf puts t on the tape as a value to differentiate by. The Var shares t's memory, and must not be used after Reset.
func (t *Tape) Leaf(x *tensor.Tensor) *Var { return t.Named("", x) }

// Named is [Tape.Leaf] for a value that messages call by name, such as a parameter.
func (t *Tape) Named(name string, x *tensor.Tensor) *Var {
	v := &Var{value: x, tape: t, gen: t.gen}
	t.add(&node{op: "leaf", name: name, out: v})
	return v
}

// Const returns a constant whose results live in the tape's memory: what is computed from it alone is not recorded,
// and is given back by Reset.
func (t *Tape) Const(x *tensor.Tensor) *Var { return &Var{value: x, tape: t, gen: t.gen} }

// New returns a tensor of undefined elements from the tape's memory, valid until Reset.
func (t *Tape) New(shape ...int) *tensor.Tensor { return t.arena.New(shape...) }

// Reset forgets everything recorded and takes back all memory lent. Vars of the tape must not be used afterwards;
// what is to outlive the step is cloned before.
func (t *Tape) Reset() {
	clear(t.nodes)
	t.nodes = t.nodes[:0]
	t.arena.Reset()
	t.gen++
}

// Aside returns the value of what f makes on the tape, as a constant. Everything else that f takes from the tape's memory is
// given back, and what it records is forgotten, so f must let nothing but its result out.
func (t *Tape) Aside(f func() *Var) *Var {
	mark, nodes := t.arena.Mark(), len(t.nodes)
	v := f()
	clear(t.nodes[nodes:])
	t.nodes = t.nodes[:nodes]
	t.arena.ReleaseSince(mark, v.value)
	return v.constant()
}

// end makes every use of what is on the tape a mistake, until Reset.
func (t *Tape) end() {
	clear(t.nodes)
	t.nodes = t.nodes[:0]
	t.gen++
}

// Bytes returns how much memory the tape's arena holds.
func (t *Tape) Bytes() int64 { return t.arena.Bytes() }

// FirstNonFinite finds the first recorded operation whose result holds a NaN or an infinity. It returns the name of
// the operation and of the last named leaf that entered it or an operation before it.
func (t *Tape) FirstNonFinite() (op, leaf string, found bool) {
	for _, n := range t.nodes {
		for _, v := range n.in {
			if v.node != nil && v.node.name != "" {
				leaf = v.node.name
			}
		}
		if !n.out.dropped && !tensor.AllFinite(n.out.value) {
			if n.back == nil {
				leaf = n.name
			}
			return n.op, leaf, true
		}
	}
	return "", "", false
}

func (t *Tape) add(n *node) {
	n.index = len(t.nodes)
	n.out.node = n
	t.nodes = append(t.nodes, n)
}

// tapeOf returns the tape that the inputs of op are on, or nil, and whether one of them is recorded.
func tapeOf(op string, in []*Var) (tape *Tape, recorded bool) {
	for _, v := range in {
		if v.tape == nil {
			continue
		}
		if tape != nil && tape != v.tape {
			panic("autograd." + op + ": the inputs are on two tapes")
		}
		tape = v.tape
		if v.gen != tape.gen {
			panic("autograd." + op + ": an input was made before its tape was reset")
		}
		recorded = recorded || v.node != nil
	}
	return tape, recorded
}

// Alloc returns a tensor of undefined elements for the result of an operation on in: from the memory of their tape, or
// from the heap if they are on none.
func Alloc(shape []int, in ...*Var) *tensor.Tensor {
	for _, v := range in {
		if v.tape != nil {
			return v.tape.arena.New(shape...)
		}
	}
	return tensor.New(shape...)
}

// Release gives memory back that [Alloc] lent for an operation on in and that nothing looks at any more, before the tape's Reset
// would. It does nothing if they are on no tape.
func Release(x *tensor.Tensor, in ...*Var) {
	for _, v := range in {
		if v.tape != nil {
			v.tape.arena.Release(x)
			return
		}
	}
}

// Drop gives the memory of v back early, where v served only to make something else of it: neither the operation that made v nor
// those that took it may read its value for their derivatives, as is so for a convolution that is shuffled. What it was made of in
// the same memory is dropped with it. Gradients flow as ever.
func Drop(v *Var) {
	if v.tape != nil {
		v.drop()
		v.tape.arena.Release(v.value)
	}
}

func (v *Var) drop() {
	v.dropped = true
	if v.node == nil {
		return
	}
	for _, in := range v.node.in {
		if !in.dropped && tensor.SharesMemory(in.value, v.value) {
			in.drop()
		}
	}
}

// Record returns a Var that holds y, the result of an operation on in, and remembers on their tape how to
// differentiate it. It is what a new operation ends with. It panics if back is nil: a gradient must not get lost.
func Record(op string, y *tensor.Tensor, back Backward, in ...*Var) *Var {
	if back == nil {
		panic("autograd." + op + ": recorded without a derivative")
	}
	tape, recorded := tapeOf(op, in)
	v := &Var{value: y, tape: tape}
	if tape == nil {
		return v
	}
	v.gen = tape.gen
	if recorded {
		tape.add(&node{op: op, in: in, out: v, back: back})
	}
	return v
}

// Call is a recorded operation as its [Backward] sees it.
type Call struct {
	node   *node
	needed []bool
	onTape bool
	sweep  *sweep
}

// In returns an input of the operation.
func (c *Call) In(i int) *Var {
	if c.onTape {
		return c.node.in[i]
	}
	return c.node.in[i].constant()
}

// Out returns the result of the operation.
func (c *Call) Out() *Var {
	if c.onTape {
		return c.node.out
	}
	return c.node.out.constant()
}

// Wants reports whether the gradient with respect to input i is asked for.
func (c *Call) Wants(i int) bool {
	n := c.node.in[i].node
	return n != nil && c.needed[n.index]
}

// OnTape reports whether the gradient is itself recorded. A Backward may use a fused kernel when it is not.
func (c *Call) OnTape() bool { return c.onTape }

func (n *node) String() string { return fmt.Sprintf("%s #%d", n.op, n.index) }
