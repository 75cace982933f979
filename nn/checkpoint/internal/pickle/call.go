package pickle

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

func (m *machine) global() error {
	module, err := m.line()
	if err != nil {
		return err
	}
	attr, err := m.line()
	if err != nil {
		return err
	}
	return m.name(Name{module, attr})
}

// line reads up to a newline.
func (m *machine) line() (string, error) {
	var b strings.Builder
	for b.Len() < 256 {
		c, err := m.r.ReadByte()
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return b.String(), nil
		}
		b.WriteByte(c)
	}
	return "", errors.New("malformed pickle: a name of more than 256 bytes")
}

func (m *machine) stackGlobal() error {
	v, err := m.popN(2)
	if err != nil {
		return err
	}
	module, ok1 := v[0].(string)
	attr, ok2 := v[1].(string)
	if !ok1 || !ok2 {
		return errors.New("malformed pickle: a name that is no text")
	}
	return m.name(Name{module, attr})
}

func (m *machine) name(n Name) error {
	if !m.allowed(n) {
		return fmt.Errorf("the pickle names %s, which saved weights do not need; save the state_dict alone", strconv.Quote(n.String()))
	}
	return m.push(n, nil)
}

func (m *machine) reduce() error {
	v, err := m.popN(2)
	if err != nil {
		return err
	}
	f, ok1 := v[0].(Name)
	args, ok2 := v[1].(Tuple)
	if !ok1 || !ok2 {
		return errors.New("malformed pickle: calls something that is no function")
	}
	if f == (Name{"collections", "OrderedDict"}) {
		return m.orderedDict(args)
	}
	return m.push(&Call{f, args}, nil)
}

// orderedDict makes a dictionary, from a list of pairs if there is one.
func (m *machine) orderedDict(args Tuple) error {
	d := &Dict{}
	if len(args) > 1 {
		return errors.New("malformed pickle: an OrderedDict of several arguments")
	}
	if len(args) == 1 {
		pairs, ok := args[0].(*List)
		if !ok {
			return fmt.Errorf("malformed pickle: an OrderedDict of a %T", args[0])
		}
		// The list may be used again and again, so its copies count.
		if err := m.count(len(pairs.Items)); err != nil {
			return err
		}
		for _, p := range pairs.Items {
			var kv []any
			switch p := p.(type) {
			case *List:
				kv = p.Items
			case Tuple:
				kv = p
			}
			if len(kv) != 2 {
				return errors.New("malformed pickle: an OrderedDict of something other than pairs")
			}
			if err := d.add(kv); err != nil {
				return err
			}
		}
	}
	return m.push(d, nil)
}

// build drops the attributes that a state_dict carries beside its items: versions of its layers.
func (m *machine) build() error {
	v, err := m.popN(2)
	if err != nil {
		return err
	}
	d, ok1 := v[0].(*Dict)
	_, ok2 := v[1].(*Dict)
	if !ok1 || !ok2 {
		return errors.New("the pickle sets attributes of something other than a dictionary; save the state_dict alone")
	}
	return m.push(d, nil)
}
