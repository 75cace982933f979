package pickle

import (
	"bufio"
	"errors"
	"io"
)

const (
	// maxValues bounds the memory that a small pickle can take; the largest networks have some hundred thousand.
	maxValues = 1 << 21
	// maxText is longer than any name or note, and maxTexts than all of them.
	maxText  = 1 << 20
	maxTexts = 32 << 20
)

// Read reads one pickle, of protocol 2 to 5, and nothing behind it. A name for which allowed reports false is an error.
func Read(r *bufio.Reader, allowed func(Name) bool) (any, error) {
	m := &machine{r: r, allowed: allowed, memo: map[uint32]any{}}
	v, err := m.run()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the pickle is cut short")
	}
	return v, err
}

// machine is the stack machine that a pickle is written for.
type machine struct {
	r       *bufio.Reader
	allowed func(Name) bool
	stack   []any
	memo    map[uint32]any
	values  int
	texts   uint64 // bytes
}

// mark is what MARK puts on the stack.
type mark struct{}

func (m *machine) run() (any, error) {
	first, err := m.r.ReadByte()
	if err != nil {
		return nil, err
	}
	version, err := m.r.ReadByte()
	if err != nil {
		return nil, err
	}
	if first != opProto || version < 2 || version > 5 {
		return nil, errors.New("not a pickle of protocol 2 to 5")
	}
	for {
		op, err := m.r.ReadByte()
		if err != nil {
			return nil, err
		}
		if op == opStop {
			v, err := m.pop()
			if err == nil && len(m.stack) > 0 {
				err = errors.New("malformed pickle: values are left over at its end")
			}
			return v, err
		}
		if err := m.step(op); err != nil {
			return nil, err
		}
	}
}
