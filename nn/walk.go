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
// A tag with an asterisk, on a slice or an array, puts the index there: weight_l* names weight_l0, weight_l1, ….
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
			if inner := hidden(field, map[any]bool{}); inner != nil {
				panic(fmt.Sprintf("nn.Walk: field %s of %v holds parameters (a %v) but has no nn tag", f.name, v.Type(), inner))
			}
			continue
		}
		if before, after, ok := strings.Cut(f.tag, "*"); ok {
			for i := range field.Len() {
				name := before + strconv.Itoa(i) + after
				w.walk(join(path, name), field.Index(i), layoutOf(lay, name))
			}
			continue
		}
		w.walk(join(path, f.tag), field, layoutOf(lay, f.tag))
	}
}

func layoutOf(lay DiskLayouter, field string) Layout {
	if lay == nil {
		return Layout{}
	}
	return lay.DiskLayout(field)
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

// hidden returns the type of a network that an untagged field holds in an interface, where the plan cannot see it, or
// nil.
func hidden(v reflect.Value, seen map[any]bool) reflect.Type {
	if !v.IsValid() {
		return nil
	}
	t := v.Type()
	if holds(t) {
		return t
	}
	if !mayHold(t) {
		return nil
	}
	switch t.Kind() {
	case reflect.Interface:
		return hidden(v.Elem(), seen)
	case reflect.Pointer:
		key := [2]any{v.Pointer(), t}
		if v.IsNil() || seen[key] {
			return nil
		}
		seen[key] = true
		return hidden(v.Elem(), seen)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if h := hidden(v.Index(i), seen); h != nil {
				return h
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if h := hidden(it.Value(), seen); h != nil {
				return h
			}
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("nn") != "" && f.Tag.Get("nn") != "-" {
				if h := hidden(v.Field(i), seen); h != nil {
					return h
				}
			}
		}
	}
	return nil
}

// planField is a field that is walked, or, with no tag, one with interfaces that must turn out to hold no parameter.
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
		case tagged && strings.Contains(tag, "*") && (f.Type.Kind() != reflect.Slice && f.Type.Kind() != reflect.Array || strings.Count(tag, "*") > 1):
			panic(fmt.Sprintf("nn.Walk: field %s of %v has the tag nn:%q; one * stands for the index into a slice or array", f.Name, t, tag))
		case tagged && !f.IsExported():
			panic(fmt.Sprintf("nn.Walk: field %s of %v has an nn tag but is unexported", f.Name, t))
		case tagged && !walkable(f.Type):
			panic(fmt.Sprintf("nn.Walk: field %s of %v has an nn tag, but a %v holds no parameters", f.Name, t, f.Type))
		case tagged:
			plan = append(plan, planField{i, f.Name, tag})
		case holds(f.Type):
			panic(fmt.Sprintf("nn.Walk: field %s of %v holds parameters but has no nn tag", f.Name, t))
		case mayHold(f.Type):
			plan = append(plan, planField{i, f.Name, ""})
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

// mayHold reports whether a value of type t can hold a network in an interface: t is one, or a container of them, or
// a network with such a field.
func mayHold(t reflect.Type) bool { return mayHoldSeen(t, map[reflect.Type]bool{}) }

func mayHoldSeen(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == varType || t == tensorType || seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return mayHoldSeen(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if tag := f.Tag.Get("nn"); tag != "" && tag != "-" && mayHoldSeen(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
