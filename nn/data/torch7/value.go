package torch7

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Numbers of types.
const (
	typeNil = iota
	typeNumber
	typeString
	typeTable
	typeTorch
	typeBoolean
	typeFunction
	typeOldRecursiveFunction
	typeRecursiveFunction
)

type decoder struct {
	in      *input
	limits  Options
	count   int
	objects map[int32]any // tables, tensors and storages by their numbers
}

// value reads any value. depth counts the tables and tensors around it.
func (d *decoder) value(depth int) (any, error) {
	if d.count++; d.count > d.limits.MaxObjects {
		return nil, fmt.Errorf("more than the limit of %d values (Options.MaxObjects)", d.limits.MaxObjects)
	}
	if depth > d.limits.MaxDepth {
		return nil, fmt.Errorf("tables %d deep, the limit is %d (Options.MaxDepth)", depth, d.limits.MaxDepth)
	}
	kind, err := d.in.int32()
	if err != nil {
		return nil, err
	}
	switch kind {
	case typeNil:
		return nil, nil
	case typeNumber:
		return d.in.double()
	case typeString:
		return d.in.str("a string")
	case typeBoolean:
		v, err := d.in.int32()
		return v == 1, err
	case typeTable, typeTorch:
	case typeFunction, typeOldRecursiveFunction, typeRecursiveFunction:
		return nil, errors.New("a Lua function: it is a program, which is not read; save the data without it")
	default:
		return nil, fmt.Errorf("a value of the unknown type %d: the file is damaged, or written with other Options.LongBytes", kind)
	}
	index, err := d.in.int32()
	if err != nil {
		return nil, err
	}
	if known, ok := d.objects[index]; ok {
		if _, isTable := known.(*Table); isTable != (kind == typeTable) {
			return nil, fmt.Errorf("object %d is a %s and a %s: the file is damaged", index, kindOf(known), [...]string{"table", "Torch object"}[kind-typeTable])
		}
		return known, nil
	}
	if kind == typeTable {
		return d.table(index, depth)
	}
	return d.object(index, depth)
}

// set keeps an object under its number.
func (d *decoder) set(index int32, v any) error {
	if _, ok := d.objects[index]; ok {
		return fmt.Errorf("a second object %d: the file is damaged", index)
	}
	d.objects[index] = v
	return nil
}

func (d *decoder) table(index int32, depth int) (any, error) {
	n, err := d.in.int32()
	if err != nil {
		return nil, err
	}
	// The shortest pair is true = nil: 8 bytes and 4.
	if err := d.in.room(int64(n), 12, "a table"); err != nil {
		return nil, err
	}
	t := &Table{places: map[any]int{}}
	if err := d.set(index, t); err != nil {
		return nil, err
	}
	for range n {
		key, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if f, ok := key.(float64); key == nil || ok && math.IsNaN(f) {
			return nil, fmt.Errorf("a table with the key %v: the file is damaged", key)
		}
		if _, ok := t.places[key]; ok {
			return nil, fmt.Errorf("a table with the key %v twice: the file is damaged", key)
		}
		v, err := d.value(depth + 1)
		if err != nil {
			if name, ok := key.(string); ok {
				err = fmt.Errorf("in %.40q: %w", name, err)
			}
			return nil, err
		}
		t.places[key] = len(t.Keys)
		t.Keys, t.Values = append(t.Keys, key), append(t.Values, v)
	}
	return t, nil
}

// object reads a tensor or a storage.
func (d *decoder) object(index int32, depth int) (any, error) {
	version, err := d.in.str("a version")
	if err != nil {
		return nil, err
	}
	class := version
	if strings.HasPrefix(version, "V ") {
		if class, err = d.in.str("the name of a class"); err != nil {
			return nil, err
		}
	} // Else the file is from before there were versions.
	short, ok := strings.CutPrefix(class, "torch.")
	var v any
	if kind, isTensor := strings.CutSuffix(short, "Tensor"); ok && isTensor && elements[kind].width > 0 {
		v, err = d.tensor(elements[kind], depth)
	} else if kind, isStorage := strings.CutSuffix(short, "Storage"); ok && isStorage && elements[kind].width > 0 {
		v, err = d.storage(elements[kind])
	} else {
		return nil, fmt.Errorf("an object of the class %.80q: only tables, strings, numbers, and tensors and storages of numbers are read; "+
			"save these alone", class)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", class, err)
	}
	return v, d.set(index, v)
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nil"
	case float64:
		return "number"
	case string:
		return "string"
	case bool:
		return "boolean"
	case *Table:
		return "table"
	case *Tensor:
		return "tensor"
	}
	return "storage"
}
