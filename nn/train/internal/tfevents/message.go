package tfevents

import (
	"encoding/binary"
	"math"
)

// message is a message of protocol buffers in the making. Fields are appended in the order of their numbers.
type message []byte

// The wire types of fields.
const (
	varint = iota
	fixed64
	delimited
	_
	_
	fixed32
)

func (m *message) key(field, wire uint64) { *m = binary.AppendUvarint(*m, field<<3|wire) }

func (m *message) integer(field, v uint64) {
	m.key(field, varint)
	*m = binary.AppendUvarint(*m, v)
}

func (m *message) double(field uint64, v float64) {
	m.key(field, fixed64)
	*m = binary.LittleEndian.AppendUint64(*m, math.Float64bits(v))
}

func (m *message) float(field uint64, v float32) {
	m.key(field, fixed32)
	*m = binary.LittleEndian.AppendUint32(*m, math.Float32bits(v))
}

// bytes appends a string, bytes or another message.
func (m *message) bytes(field uint64, v []byte) {
	m.key(field, delimited)
	*m = binary.AppendUvarint(*m, uint64(len(v)))
	*m = append(*m, v...)
}
