package nn

import "reflect"

// Layers calls f with a pointer to each struct that a network is made of, outermost first and in the order of [Walk].
// It is for what treats layers by their type, as [InitDCGAN] does. A struct that is reached through several pointers is
// met once; one that is held by value in an interface is passed as a value.
func Layers(m any, f func(layer any)) {
	l := &lister{f: f, seen: map[any]bool{}}
	l.visit(reflect.ValueOf(m))
}

type lister struct {
	f    func(layer any)
	seen map[any]bool
}

func (l *lister) visit(v reflect.Value) {
	if !v.IsValid() || v.Type() == varType || v.Type() == tensorType {
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		l.visit(v.Elem())
	case reflect.Pointer:
		key := [2]any{v.Pointer(), v.Type()}
		if v.IsNil() || l.seen[key] {
			return
		}
		l.seen[key] = true
		l.visit(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			l.visit(v.Index(i))
		}
	case reflect.Struct:
		if v.CanAddr() {
			l.f(v.Addr().Interface())
		} else {
			l.f(v.Interface())
		}
		for _, p := range planOf(v.Type()) {
			if p.tag != "" {
				l.visit(v.Field(p.index))
			}
		}
	}
}
