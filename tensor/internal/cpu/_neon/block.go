package neon

// A Value is a vector that a Block computes, or that is in a register already.
type Value struct {
	reg  V
	last int // the operation that reads it last
	home bool
}

// Asm makes a Value an operand.
func (v *Value) Asm() string { return "neon" }

// In is a Value that stays in a register that is not among those that a Block may use.
func In(r V) *Value { return &Value{reg: r, home: true} }

// A Block is a sequence of operations without jumps. It finds registers for their results.
type Block struct{ ops []operation }

type operation struct {
	dst  *Value
	args []*Value
	tied bool // the first argument is in the register of the result
	emit func(g *Func, dst V, args []V)
}

func (b *Block) add(o operation) *Value {
	for _, a := range o.args {
		a.last = len(b.ops)
	}
	b.ops = append(b.ops, o)
	return o.dst
}

// Binary adds an operation of two vectors.
func (b *Block) Binary(op Binary, x, y *Value) *Value {
	if op.tied {
		panic("neon: " + op.name + " reads its result")
	}
	return b.add(operation{dst: new(Value), args: []*Value{x, y}, emit: func(g *Func, dst V, a []V) { g.Do(op.Of(dst, a[0], a[1])) }})
}

// Tied adds an operation that changes from.
func (b *Block) Tied(op Binary, from, x, y *Value) *Value {
	return b.add(operation{
		dst: new(Value), args: []*Value{from, x, y}, tied: true,
		emit: func(g *Func, dst V, a []V) { g.Do(op.Of(dst, a[1], a[2])) },
	})
}

// Unary adds an operation of one vector.
func (b *Block) Unary(op func(dst, a V) Instruction, x *Value) *Value {
	return b.add(operation{dst: new(Value), args: []*Value{x}, emit: func(g *Func, dst V, a []V) { g.Do(op(dst, a[0])) }})
}

// Make adds an operation without arguments.
func (b *Block) Make(emit func(g *Func, dst V)) *Value {
	return b.add(operation{dst: new(Value), emit: func(g *Func, dst V, _ []V) { emit(g, dst) }})
}

// Use adds an operation without a result.
func (b *Block) Use(x *Value, emit func(g *Func, v V)) {
	b.add(operation{args: []*Value{x}, emit: func(g *Func, _ V, a []V) { emit(g, a[0]) }})
}

// Write writes the block with the registers in free, and reports whether they were enough. If not, nothing is written.
func (b *Block) Write(g *Func, free []V) bool {
	free = append([]V(nil), free...)
	out := g.out.Len()
	take := func() V {
		r := free[0]
		free = free[1:]
		return r
	}
	for i, o := range b.ops {
		regs := make([]V, len(o.args))
		for j, a := range o.args {
			regs[j] = a.reg
		}
		release := func(args []*Value) {
			for j, a := range args {
				again := false
				for _, other := range args[:j] {
					again = again || other == a
				}
				if a.last == i && !a.home && !again {
					free = append(free, a.reg)
				}
			}
		}
		switch {
		case o.tied && o.args[0].last == i && !o.args[0].home && o.args[0] != o.args[1] && o.args[0] != o.args[2]:
			o.dst.reg = o.args[0].reg
			release(o.args[1:])
		case o.dst != nil:
			if !o.tied {
				release(o.args)
			}
			if len(free) == 0 {
				g.out.Truncate(out)
				return false
			}
			o.dst.reg = take()
			if o.tied {
				g.Do(Move(o.dst.reg, o.args[0].reg))
				release(o.args)
			}
		default:
			release(o.args)
		}
		var dst V
		if o.dst != nil {
			dst = o.dst.reg
			if o.dst.last == 0 {
				free = append(free, dst) // nobody reads it
			}
		}
		o.emit(g, dst, regs)
	}
	return true
}
