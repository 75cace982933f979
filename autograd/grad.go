package autograd

import (
	"fmt"
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// Grad returns the gradients of y, which has one element, with respect to each of wrt: tensors of their shapes in the
// memory of the tape, zeros where y does not depend on it. It panics if y has more than one element or if one of wrt
// is not on y's tape.
func Grad(y *Var, wrt ...*Var) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(wrt))
	for i, g := range grad("Grad", y, wrt, sweep{}) {
		out[i] = g.value
	}
	return out
}

// LastGrad is [Grad] for the last time on a tape, which needs less memory: results of operations are given back as soon as
// backward has passed them. Afterwards, until Reset, only y and values that came from elsewhere may be read, and operations on
// what was on the tape panic.
func LastGrad(y *Var, wrt ...*Var) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(wrt))
	for i, g := range grad("LastGrad", y, wrt, sweep{last: true}) {
		out[i] = g.value
	}
	return out
}

// GradOnTape is [Grad] with the computation of the gradients recorded, so that they can be part of a loss.
func GradOnTape(y *Var, wrt ...*Var) []*Var { return grad("GradOnTape", y, wrt, sweep{onTape: true}) }

func grad(op string, y *Var, wrt []*Var, how sweep) []*Var {
	if y.Len() != 1 {
		panic(fmt.Sprintf("autograd.%s: want a loss of one element, got %s", op, tensor.Format(y.Shape())))
	}
	tape := y.tape
	for i, v := range wrt {
		if v.node == nil || v.tape != tape && tape != nil {
			panic(fmt.Sprintf("autograd.%s: variable %d, %v, is not on the tape of the loss", op, i, v))
		}
	}
	if len(wrt) == 0 {
		return nil
	}
	if tape == nil {
		tape = wrt[0].tape
	}
	tapeOf(op, append([]*Var{y}, wrt...))
	s := &how
	s.tape, s.start = tape, tape.arena.Mark()
	if y.node != nil {
		s.run(y, wrt)
	}
	out := make([]*Var, len(wrt))
	for i, v := range wrt {
		if y.node != nil && v.node.index < len(s.grads) && s.grads[v.node.index] != nil {
			out[i] = s.grads[v.node.index]
			continue
		}
		out[i] = tape.Const(tape.arena.Zeros(v.Shape()...))
	}
	if s.last {
		tape.end()
	}
	return out
}

// sweep walks a tape backwards. A gradient that has been passed on is given back to the arena at once, unless the
// sweep is itself recorded.
type sweep struct {
	tape   *Tape
	onTape bool
	last   bool // nothing else will be asked of the tape
	start  int  // the arena's mark when the sweep began
	grads  []*Var
	own    []bool // gradients whose memory nothing else looks at, so that more may be added in place
	final  []bool // gradients that were asked for
	open   []int  // the nodes whose gradient is pending
	now    []*Var // the gradients that an operation has received and passes on

	// The first node of those in the same memory, by its place in the arena, for sweeps that are the last: when that has been
	// passed, nothing reads the memory any more. -1 if it must stay.
	first map[int]int
}

func (s *sweep) run(y *Var, wrt []*Var) {
	last := y.node.index
	needed := make([]bool, last+1)
	s.grads = make([]*Var, last+1)
	s.own = make([]bool, last+1)
	s.final = make([]bool, last+1)
	for _, v := range wrt {
		if v.node.index <= last {
			needed[v.node.index] = true
			s.final[v.node.index] = true
		}
	}
	for i, n := range s.tape.nodes[:last+1] {
		if needed[i] {
			continue
		}
		needed[i] = slices.ContainsFunc(n.in, func(v *Var) bool { return v.node != nil && needed[v.node.index] })
	}
	if !needed[last] {
		return
	}
	one := s.tape.Const(s.tape.arena.New(y.Shape()...))
	one.value.Fill(1)
	s.add(last, one)
	if s.last {
		s.findFirst(y)
	}
	for i := last; i >= 0; i-- {
		s.pass(i, needed)
		if s.last {
			s.giveBack(i)
		}
	}
}

// pass passes the gradient of node i, if it has one, on to its inputs.
func (s *sweep) pass(i int, needed []bool) {
	n, g := s.tape.nodes[i], s.grads[i]
	if g == nil || n.back == nil {
		return
	}
	mark := s.tape.arena.Mark()
	into := n.back(&Call{node: n, needed: needed, onTape: s.onTape, sweep: s}, g)
	if len(into) != len(n.in) {
		panic(fmt.Sprintf("autograd.%s: the derivative gave %d gradients for %d inputs", n.op, len(into), len(n.in)))
	}
	if !s.onTape {
		s.tape.arena.ReleaseSince(mark, values(into)...)
	}
	if !s.final[i] {
		s.grads[i] = nil
		s.open = slices.DeleteFunc(s.open, func(k int) bool { return k == i })
	}
	s.now = append(append(s.now[:0], g), into...)
	var replaced []*Var
	for k, d := range into {
		in := n.in[k]
		if d == nil || in.node == nil || !needed[in.node.index] {
			continue
		}
		if !slices.Equal(d.Shape(), in.Shape()) {
			panic(fmt.Sprintf("autograd.%s: the gradient of input %d has shape %s, the input %s", n.op, k,
				tensor.Format(d.Shape()), tensor.Format(in.Shape())))
		}
		replaced = append(replaced, s.add(in.node.index, d))
	}
	// Only now: what a sum has replaced may be the memory of a gradient that was still to be passed on.
	for _, d := range append(replaced, into...) {
		s.release(d)
	}
	if !s.final[i] {
		s.release(g)
	}
}

// add adds d to the gradient of node i. It returns the gradient that was there before if another has taken its place.
func (s *sweep) add(i int, d *Var) (replaced *Var) {
	old := s.grads[i]
	switch {
	case old == nil:
		s.grads[i] = d
		s.open = append(s.open, i)
		return nil
	case s.own[i] || s.alone(i):
		s.own[i] = true
		tensor.AddInto(old.value, old.value, d.value)
		return nil
	}
	// A gradient may share memory with another (both inputs of an addition receive the same one), so the sum is new.
	s.grads[i] = Add(old, d)
	s.own[i] = !s.onTape
	return old
}

// alone reports whether this sweep made the gradient of node i and nothing else that is pending or being passed on shares its
// memory.
func (s *sweep) alone(i int) bool {
	g := s.grads[i].value
	if s.onTape || !s.tape.arena.LentSince(s.start, g) {
		return false
	}
	return !slices.ContainsFunc(s.open, func(k int) bool { return k != i && tensor.SharesMemory(s.grads[k].value, g) }) &&
		!slices.ContainsFunc(s.now, func(v *Var) bool { return v != nil && tensor.SharesMemory(v.value, g) })
}

// findFirst fills in first. The loss stays, and so do leaves.
func (s *sweep) findFirst(y *Var) {
	s.first = make(map[int]int, y.node.index+1)
	for i, n := range s.tape.nodes[:y.node.index+1] {
		place := s.tape.arena.Place(n.out.value)
		if _, known := s.first[place]; known || place < 0 || n.out.dropped {
			continue
		}
		s.first[place] = i
		if n.back == nil {
			s.first[place] = -1
		}
	}
	if place := s.tape.arena.Place(y.value); place >= 0 {
		s.first[place] = -1
	}
}

// giveBack gives the result of node i back if no node before it is in the same memory, nor any gradient.
func (s *sweep) giveBack(i int) {
	out := s.tape.nodes[i].out
	if out.dropped {
		return
	}
	if first, ok := s.first[s.tape.arena.Place(out.value)]; ok && first == i && !s.pending(out) {
		s.tape.arena.Release(out.value)
	}
}

// embed returns the gradient of the only input of an operation that cut g out of it, at lo along an axis, zero elsewhere. Where
// the input has a gradient in memory of its own, g is added to that and nothing returned: parts of a whole, such as the gates
// of a recurrent cell, would otherwise cost a whole each.
func (c *Call) embed(g *Var, axis, lo int) *Var {
	if c.onTape {
		return embed(g, c.In(0).Shape(), axis, lo)
	}
	if !c.Wants(0) {
		return nil
	}
	s, i := c.sweep, c.node.in[0].node.index
	old := s.grads[i]
	if old != nil && s.own[i] {
		tensor.AddAtInto(old.value, g.value, axis, lo)
		return nil
	}
	s.own[i] = old == nil
	return embed(g, c.In(0).Shape(), axis, lo)
}

// addProduct returns the gradient op(a)·op(b) of input i. Where the input has a gradient in memory of its own, the product is
// added to that as it is made and nothing returned: the weights of a recurrent cell get one in each step.
func (c *Call) addProduct(i int, a, b *Var, transA, transB, bf16 bool) *Var {
	if c.onTape {
		return matMul(a, b, transA, transB, bf16)
	}
	s, k := c.sweep, c.node.in[i].node.index
	old := s.grads[k]
	if old != nil && s.own[k] {
		if bf16 {
			tensor.MatMulBF16Into(old.value, a.value, b.value, transA, transB, true)
		} else {
			tensor.MatMulAddInto(old.value, a.value, b.value, transA, transB)
		}
		return nil
	}
	s.own[k] = old == nil
	return matMul(a, b, transA, transB, bf16)
}

// over returns a tensor of g's shape for a gradient that is made of g: g's own memory if it serves nothing else, since this
// sweep made it, nobody has asked for it, and nothing pending shares it. The caller returns no other gradient that is made
// of g afterwards. It is not for gradients that are themselves recorded.
func (c *Call) over(g *Var) *tensor.Tensor {
	s, own := c.sweep, c.node.index
	shared := func(i int) bool { return i != own && tensor.SharesMemory(s.grads[i].value, g.value) }
	if s.final[own] || !s.tape.arena.LentSince(s.start, g.value) || slices.ContainsFunc(s.open, shared) {
		return Alloc(g.Shape(), g, c.node.out)
	}
	return g.value
}

// release gives the memory of a gradient, if there is one, back if this sweep made it and nothing pending shares it.
func (s *sweep) release(g *Var) {
	if g == nil || s.onTape || s.pending(g) || !s.tape.arena.LentSince(s.start, g.value) {
		return
	}
	s.tape.arena.Release(g.value)
}

func (s *sweep) pending(g *Var) bool {
	return slices.ContainsFunc(s.open, func(i int) bool { return tensor.SharesMemory(s.grads[i].value, g.value) })
}

func values(vars []*Var) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(vars))
	for i, v := range vars {
		if v != nil {
			out[i] = v.value
		}
	}
	return out
}
