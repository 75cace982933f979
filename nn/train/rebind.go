package train

import (
	"reflect"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// rebind returns a copy of a network in which other Vars stand for some parameters, or m itself if it has none of them.
// State and configuration are shared.
func rebind[M any](m M, vars map[*autograd.Var]*autograd.Var) M {
	r := &rebinder{vars: vars, copies: map[pointerTo]reflect.Value{}}
	in := reflect.ValueOf(&m).Elem()
	out := reflect.New(in.Type()).Elem()
	r.copyTo(out, in)
	if !r.changed {
		return m
	}
	return out.Interface().(M)
}

type rebinder struct {
	vars    map[*autograd.Var]*autograd.Var
	copies  map[pointerTo]reflect.Value // so that what is shared in the original is shared in the copy
	changed bool
}

type pointerTo struct {
	address uintptr
	kind    reflect.Type
}

// copyTo sets dst, which is settable, to a copy of src.
func (r *rebinder) copyTo(dst, src reflect.Value) {
	dst.Set(src)
	switch src.Kind() {
	case reflect.Interface:
		if !src.IsNil() {
			inner := reflect.New(src.Elem().Type()).Elem()
			r.copyTo(inner, src.Elem())
			dst.Set(inner)
		}
	case reflect.Pointer:
		if !src.IsNil() {
			dst.Set(r.pointer(src))
		}
	case reflect.Slice:
		if !src.IsNil() {
			dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
			r.elements(dst, src)
		}
	case reflect.Array:
		r.elements(dst, src)
	case reflect.Struct:
		for i := range src.NumField() {
			if tag, ok := src.Type().Field(i).Tag.Lookup("nn"); ok && tag != "-" {
				r.copyTo(dst.Field(i), src.Field(i))
			}
		}
	}
}

func (r *rebinder) elements(dst, src reflect.Value) {
	for i := range src.Len() {
		r.copyTo(dst.Index(i), src.Index(i))
	}
}

func (r *rebinder) pointer(src reflect.Value) reflect.Value {
	switch p := src.Interface().(type) {
	case *autograd.Var:
		if v, ok := r.vars[p]; ok {
			r.changed = true
			return reflect.ValueOf(v)
		}
		return src
	case *tensor.Tensor:
		return src
	}
	key := pointerTo{src.Pointer(), src.Type()}
	if done, ok := r.copies[key]; ok {
		return done
	}
	p := reflect.New(src.Type().Elem())
	r.copies[key] = p
	r.copyTo(p.Elem(), src.Elem())
	return p
}
