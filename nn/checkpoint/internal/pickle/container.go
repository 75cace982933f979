package pickle

import (
	"errors"
	"fmt"
)

func (m *machine) extend(items []any, err error) error {
	if err != nil {
		return err
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	l, ok := v.(*List)
	if !ok {
		return fmt.Errorf("malformed pickle: appends to a %T", v)
	}
	l.Items = append(l.Items, items...)
	return nil
}

func (m *machine) set(items []any, err error) error {
	if err != nil {
		return err
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	d, ok := v.(*Dict)
	if !ok {
		return fmt.Errorf("malformed pickle: sets items of a %T", v)
	}
	return d.add(items)
}

func (d *Dict) add(items []any) error {
	if len(items)%2 != 0 {
		return errStack
	}
	for i := 0; i < len(items); i += 2 {
		d.Keys = append(d.Keys, items[i])
		d.Values = append(d.Values, items[i+1])
	}
	return nil
}

func (m *machine) put(n int) error {
	at, err := m.number(n)
	if err != nil {
		return err
	}
	return m.remember(uint32(at))
}

func (m *machine) remember(at uint32) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	if len(m.memo) >= maxValues {
		return fmt.Errorf("the pickle has more than the limit of %d values", maxValues)
	}
	m.memo[at] = v
	return nil
}

func (m *machine) get(n int) error {
	at, err := m.number(n)
	if err != nil {
		return err
	}
	v, ok := m.memo[uint32(at)]
	if !ok {
		return errors.New("malformed pickle: refers to a value that it has not made")
	}
	return m.push(v, nil)
}
