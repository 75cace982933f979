package nn

import (
	"fmt"
	"reflect"

	"github.com/gander-ml/gander/autograd"
)

// Bind returns a copy of a network whose parameters are leaves of the tape, named as in checkpoints and sharing the
// values of the original. It is the copy that learns:
//
//	g := nn.Bind(tape, gen)
//	loss := … g.Forward(z, pass) …
//	opt.Step(autograd.Grad(loss, nn.Params(g)...))
//
// A network that is used without being bound is frozen: gradients flow through it to its input, at no cost for its
// weights. State and configuration are shared with the original, and tied parameters stay tied. The copy is valid until
// the tape is reset. It panics as [Walk] does.
func Bind[M any](tape *autograd.Tape, m M) M {
	b := &binder{tape: tape, names: map[*autograd.Var]string{}, vars: map[*autograd.Var]*autograd.Var{}, copies: map[any]reflect.Value{}}
	for _, e := range Walk(m) {
		if e.Param != nil {
			if e.Param.IsRecorded() {
				panic(fmt.Sprintf("nn.Bind: %q is bound already; bind the original network", e.Name))
			}
			b.names[e.Param] = e.Name
		}
	}
	in := reflect.ValueOf(&m).Elem()
	out := reflect.New(in.Type()).Elem()
	b.copyTo(out, in)
	return out.Interface().(M)
}

type binder struct {
	tape   *autograd.Tape
	names  map[*autograd.Var]string
	vars   map[*autograd.Var]*autograd.Var
	copies map[any]reflect.Value
}

// copyTo sets dst, which is settable, to a bound copy of src.
func (b *binder) copyTo(dst, src reflect.Value) {
	if src.Type() == varType {
		if !src.IsNil() {
			dst.Set(reflect.ValueOf(b.leaf(src.Interface().(*autograd.Var))))
		}
		return
	}
	dst.Set(src)
	if src.Type() == tensorType {
		return
	}
	switch src.Kind() {
	case reflect.Interface:
		if !src.IsNil() {
			inner := reflect.New(src.Elem().Type()).Elem()
			b.copyTo(inner, src.Elem())
			dst.Set(inner)
		}
	case reflect.Pointer:
		if src.IsNil() {
			return
		}
		key := [2]any{src.Pointer(), src.Type()}
		if done, ok := b.copies[key]; ok {
			dst.Set(done)
			return
		}
		p := reflect.New(src.Type().Elem())
		b.copies[key] = p
		b.copyTo(p.Elem(), src.Elem())
		dst.Set(p)
	case reflect.Slice:
		if src.IsNil() {
			return
		}
		dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			b.copyTo(dst.Index(i), src.Index(i))
		}
	case reflect.Array:
		for i := range src.Len() {
			b.copyTo(dst.Index(i), src.Index(i))
		}
	case reflect.Struct:
		for _, f := range planOf(src.Type()) {
			if f.tag != "" {
				b.copyTo(dst.Field(f.index), src.Field(f.index))
			}
		}
	}
}

func (b *binder) leaf(v *autograd.Var) *autograd.Var {
	if l, ok := b.vars[v]; ok {
		return l
	}
	l := b.tape.Named(b.names[v], v.Value())
	b.vars[v] = l
	return l
}
