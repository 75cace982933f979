package torch7

import (
	"fmt"
	"strings"
)

// Table is a table of Lua, in the order of the file.
type Table struct {
	Keys   []any // float64, string, bool, or a pointer; no key is there twice
	Values []any // of each key

	places map[any]int
}

// Len returns the number of keys.
func (t *Table) Len() int { return len(t.Keys) }

// Get returns the value of a key, and whether it is there.
func (t *Table) Get(key any) (any, bool) {
	i, ok := t.places[key]
	if !ok {
		return nil, false
	}
	return t.Values[i], true
}

// List returns the values of the keys 1 to n. It is an error if the table has other keys.
func (t *Table) List() ([]any, error) {
	out := make([]any, t.Len())
	for i := range out {
		v, ok := t.Get(float64(i + 1))
		if !ok {
			return nil, fmt.Errorf("a table of %d keys has none that is %d; want 1 to %d", t.Len(), i+1, t.Len())
		}
		out[i] = v
	}
	return out, nil
}

// Tensor returns a tensor of a name. The error says what there is instead.
func (t *Table) Tensor(name string) (*Tensor, error) {
	v, err := t.named(name)
	if err != nil {
		return nil, err
	}
	x, ok := v.(*Tensor)
	if !ok {
		return nil, fmt.Errorf("%q is a %s, want a tensor", name, kindOf(v))
	}
	return x, nil
}

// Text returns a string of a name. The error says what there is instead.
func (t *Table) Text(name string) (string, error) {
	v, err := t.named(name)
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%q is a %s, want a string", name, kindOf(v))
	}
	return s, nil
}

const shownKeys = 10

func (t *Table) named(name string) (any, error) {
	if v, ok := t.Get(name); ok {
		return v, nil
	}
	var keys []string
	for _, k := range t.Keys {
		if s, ok := k.(string); ok && len(keys) < shownKeys {
			keys = append(keys, fmt.Sprintf("%.40q", s))
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("no %q in a table of %d keys, none of them a name", name, t.Len())
	}
	return nil, fmt.Errorf("no %q in a table with %s", name, strings.Join(keys, ", "))
}
