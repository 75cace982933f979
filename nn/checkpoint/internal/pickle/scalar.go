package pickle

import (
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"
)

// number reads an unsigned integer of n bytes.
func (m *machine) number(n int) (uint64, error) {
	var b [8]byte
	_, err := io.ReadFull(m.r, b[:n])
	return binary.LittleEndian.Uint64(b[:]), err
}

// bytes reads a length of n bytes and as many bytes as it says.
func (m *machine) bytes(n int) ([]byte, error) {
	size, err := m.number(n)
	if err != nil {
		return nil, err
	}
	if size > maxText {
		return nil, fmt.Errorf("the pickle has a text of %d bytes, more than the limit of %d", size, maxText)
	}
	if m.texts += size; m.texts > maxTexts {
		return nil, fmt.Errorf("the pickle has more than the limit of %d bytes of text", maxTexts)
	}
	// The length is only a claim: what is not in the file takes no memory.
	b, err := io.ReadAll(io.LimitReader(m.r, int64(size)))
	if err == nil && uint64(len(b)) < size {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

func (m *machine) text(n int) error {
	b, err := m.bytes(n)
	if err == nil && !utf8.Valid(b) {
		return m.push(Other{}, nil) // a byte string of Python 2
	}
	return m.push(string(b), err)
}

// long pushes a two's complement integer.
func (m *machine) long(n int) error {
	b, err := m.bytes(n)
	if err != nil {
		return err
	}
	if len(b) > 8 {
		return m.push(Other{}, nil)
	}
	var v uint64
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	if k := 64 - 8*len(b); k < 64 {
		return m.push(int64(v<<k)>>k, nil)
	}
	return m.push(int64(0), nil)
}
