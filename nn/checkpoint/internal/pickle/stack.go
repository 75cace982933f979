package pickle

import (
	"errors"
	"fmt"
)

// push puts v on the stack, unless there was an error in making it.
func (m *machine) push(v any, err error) error {
	if err != nil {
		return err
	}
	if err := m.count(1); err != nil {
		return err
	}
	m.stack = append(m.stack, v)
	return nil
}

func (m *machine) count(n int) error {
	if m.values += n; m.values > maxValues {
		return fmt.Errorf("the pickle has more than the limit of %d values", maxValues)
	}
	return nil
}

var errStack = errors.New("malformed pickle: a value is missing on its stack")

func (m *machine) top() (any, error) {
	if len(m.stack) == 0 {
		return nil, errStack
	}
	v := m.stack[len(m.stack)-1]
	if _, ok := v.(mark); ok {
		return nil, errStack
	}
	return v, nil
}

func (m *machine) pop() (any, error) {
	v, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v, err
}

// popN takes n values off the stack, in the order they were put there.
func (m *machine) popN(n int) ([]any, error) {
	out := make([]any, n)
	for i := n - 1; i >= 0; i-- {
		v, err := m.pop()
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// popMark takes the values down to the last mark, and it, off the stack.
func (m *machine) popMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			out := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return out, nil
		}
	}
	return nil, errStack
}
