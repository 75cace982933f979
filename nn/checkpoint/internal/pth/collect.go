package pth

import (
	"fmt"
	"strconv"

	"github.com/gander-ml/gander/nn/checkpoint/internal/pickle"
)

const (
	// maxDepth bounds how deep dictionaries lie in each other, and so what a cycle costs.
	maxDepth = 16
	// maxName is longer than the name of any tensor.
	maxName = 1024
)

// collector finds the tensors of a pickled value.
type collector struct {
	find    finder
	tensors []Tensor
	names   map[string]bool
	visits  int
	limit   int // Limits.Values
}

func (c *collector) collect(name string, value any, depth int) error {
	if c.visits++; c.visits > c.limit {
		return fmt.Errorf("more than the limit of %d values (checkpoint.Limits.Values)", c.limit)
	}
	if depth > maxDepth {
		return fmt.Errorf("%q: dictionaries lie more than %d deep in each other", name, maxDepth)
	}
	switch v := value.(type) {
	case *pickle.Dict:
		for i, k := range v.Keys {
			if err := c.collect(join(name, k), v.Values[i], depth+1); err != nil {
				return err
			}
		}
	case *pickle.List:
		return c.list(name, v.Items, depth)
	case pickle.Tuple:
		return c.list(name, v, depth)
	case *pickle.Call:
		return c.call(name, v)
	}
	return nil
}

func (c *collector) list(name string, items []any, depth int) error {
	for i, v := range items {
		if err := c.collect(join(name, int64(i)), v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (c *collector) call(name string, v *pickle.Call) error {
	if v.Func == rebuildParameter {
		inner, ok := first(v.Args).(*pickle.Call)
		if !ok {
			return fmt.Errorf("tensor %q: a parameter without a tensor", name)
		}
		v = inner
	}
	if v.Func != rebuildTensor && v.Func != rebuildOldTensor {
		return nil
	}
	t, err := newTensor(v.Args, c.find)
	switch {
	case err != nil:
		return fmt.Errorf("tensor %q: %w", name, err)
	case name == "" || len(name) > maxName:
		return fmt.Errorf("a tensor whose name has %d bytes; save a state_dict", len(name))
	case c.names[name]:
		return fmt.Errorf("two tensors are named %q", name)
	}
	c.names[name] = true
	t.Name = name
	c.tensors = append(c.tensors, t)
	return nil
}

func first(args pickle.Tuple) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// join appends a dictionary's key to a name.
func join(name string, key any) string {
	s, ok := key.(string)
	if n, isInt := key.(int64); isInt {
		s = strconv.FormatInt(n, 10)
	} else if !ok {
		s = "?"
	}
	if name == "" {
		return s
	}
	if len(name) > maxName {
		return name // too long already; do not grow it with every level
	}
	return name + "." + s
}

// root follows the only entry that can hold tensors down to the first dictionary with several, or with tensors.
func root(value any) string {
	name := ""
	for range maxDepth {
		d, ok := value.(*pickle.Dict)
		if !ok {
			return ""
		}
		var inside []int
		for i, v := range d.Values {
			switch v := v.(type) {
			case *pickle.Dict:
				if len(v.Keys) > 0 {
					inside = append(inside, i)
				}
			case *pickle.Call:
				if v.Func == rebuildTensor || v.Func == rebuildOldTensor || v.Func == rebuildParameter {
					return name
				}
			}
		}
		if len(inside) != 1 {
			return name
		}
		name = join(name, d.Keys[inside[0]])
		value = d.Values[inside[0]]
	}
	return ""
}
