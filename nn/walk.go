package nn

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Entry is a parameter or a piece of state of a network.
type Entry struct {
	Name   string         // dotted, as in checkpoints
	Param  *autograd.Var  // nil for state
	State  *tensor.Tensor // nil for a parameter
	Layout Layout         // how checkpoints store it
}

// Tensor returns the values of the entry, sharing memory.
func (e Entry) Tensor() *tensor.Tensor {
	if e.Param != nil {
		return e.Param.Value()
	}
	return e.State
}

// Walk returns the parameters and the state of a network in a fixed order, that of its fields. A pointer that
// occurs several times is returned once, under its first name, so that tied weights stay tied; nil pointers are left
// out.
//
// It panics where something that learns could get lost: a parameter in a field that is unexported or has no tag, a map
// in a tagged field, a tagged field of a type that holds nothing, or two entries of one name.
func Walk(m any) []Entry {
	w := &walker{names: map[string]bool{}, seen: map[any]bool{}}
	w.walk("", reflect.ValueOf(m), Layout{})
	return w.entries
}

// Params returns the parameters of a network in the order of [Walk].
func Params(m any) []*autograd.Var {
	var out []*autograd.Var
	for _, e := range Walk(m) {
		if e.Param != nil {
			out = append(out, e.Param)
		}
	}
	return out
}

// NumParams returns how many numbers a network learns.
func NumParams(m any) int {
	n := 0
	for _, p := range Params(m) {
		n += p.Len()
	}
	return n
}

type walker struct {
	entries []Entry
	names   map[string]bool
	seen    map[any]bool
}

var (
	varType    = reflect.TypeFor[*autograd.Var]()
	tensorType = reflect.TypeFor[*tensor.Tensor]()
)

func (w *walker) walk(path string, v reflect.Value, layout Layout) {
	switch {
	case !v.IsValid():
		return
	case v.Type() == varType || v.Type() == tensorType:
		if v.IsNil() || w.again(v) {
			return
		}
		w.add(path, v.Interface(), layout)
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			w.walk(path, v.Elem(), layout)
		}
	case reflect.Pointer:
		if !v.IsNil() && !w.again(v) {
			w.walk(path, v.Elem(), layout)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.walk(join(path, strconv.Itoa(i)), v.Index(i), layout)
		}
	case reflect.Struct:
		w.walkStruct(path, v)
	default:
		if holds(v.Type()) {
			panic(fmt.Sprintf("nn.Walk: %q is a %v; parameters can be found in structs, pointers, slices, arrays and interfaces", path, v.Type()))
		}
	}
}

func (w *walker) walkStruct(path string, v reflect.Value) {
	lay := layouter(v)
	for _, f := range planOf(v.Type()) {
		field := v.Field(f.index)
		if f.tag == "" {
			// Only an interface can hide a parameter from the plan.
			if inner := concrete(field); inner.IsValid() && holds(inner.Type()) {
				panic(fmt.Sprintf("nn.Walk: field %s of %v holds parameters (a %v) but has no nn tag", f.name, v.Type(), inner.Type()))
			}
			continue
		}
		var l Layout
		if lay != nil {
			l = lay.DiskLayout(f.tag)
		}
		w.walk(join(path, f.tag), field, l)
	}
}

// again reports whether the pointer v was met before.
func (w *walker) again(v reflect.Value) bool {
	key := [2]any{v.Pointer(), v.Type()}
	if w.seen[key] {
		return true
	}
	w.seen[key] = true
	return false
}

func (w *walker) add(name string, x any, layout Layout) {
	if w.names[name] {
		panic(fmt.Sprintf("nn.Walk: two entries are named %q", name))
	}
	w.names[name] = true
	e := Entry{Name: name, Layout: layout}
	switch x := x.(type) {
	case *autograd.Var:
		e.Param = x
	case *tensor.Tensor:
		e.State = x
	}
	w.entries = append(w.entries, e)
}

func join(path, name string) string {
	switch {
	case name == ".":
		return path
	case path == "":
		return name
	}
	return path + "." + name
}

// concrete returns what an interface holds.
func concrete(v reflect.Value) reflect.Value {
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// planField is a field that is walked, or, with no tag, an interface that must turn out to hold no parameter.
type planField struct {
	index     int
	name, tag string
}

var plans sync.Map // reflect.Type → []planField

func planOf(t reflect.Type) []planField {
	if p, ok := plans.Load(t); ok {
		return p.([]planField)
	}
	var plan []planField
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("nn")
		switch {
		case tag == "-":
			continue
		case tagged && (tag == "" || strings.ContainsAny(strings.TrimPrefix(tag, "."), ". \"\\/")):
			panic(fmt.Sprintf("nn.Walk: field %s of %v has the tag nn:%q, which is not a name", f.Name, t, tag))
		case tagged && !f.IsExported():
			panic(fmt.Sprintf("nn.Walk: field %s of %v has an nn tag but is unexported", f.Name, t))
		case tagged && !walkable(f.Type):
			panic(fmt.Sprintf("nn.Walk: field %s of %v has an nn tag, but a %v holds no parameters", f.Name, t, f.Type))
		case tagged:
			plan = append(plan, planField{i, f.Name, tag})
		case f.Type.Kind() == reflect.Interface:
			plan = append(plan, planField{i, f.Name, ""})
		case holds(f.Type):
			panic(fmt.Sprintf("nn.Walk: field %s of %v holds parameters but has no nn tag", f.Name, t))
		}
	}
	p, _ := plans.LoadOrStore(t, plan)
	return p.([]planField)
}

// walkable reports whether a tagged field of type t makes sense.
func walkable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Struct:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return t == varType || t == tensorType || walkable(t.Elem())
	}
	return false
}

// holds reports whether a value of type t always has room for a parameter: something that is lost if it is not walked.
func holds(t reflect.Type) bool { return holdsSeen(t, map[reflect.Type]bool{}) }

func holdsSeen(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == varType {
		return true
	}
	if t == tensorType || seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Chan:
		return holdsSeen(t.Elem(), seen)
	case reflect.Struct:
		if t.PkgPath() == varType.Elem().PkgPath() {
			return false // a tape or the like, not a network
		}
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("nn") != "-" && holdsSeen(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
