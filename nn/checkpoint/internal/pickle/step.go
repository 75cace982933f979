package pickle

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

const (
	opMark            = '('
	opStop            = '.'
	opPop             = '0'
	opPopMark         = '1'
	opDup             = '2'
	opFloat           = 'G'
	opInt             = 'J'
	opInt1            = 'K'
	opInt2            = 'M'
	opNone            = 'N'
	opPersID          = 'Q'
	opReduce          = 'R'
	opBinString       = 'T'
	opShortBinString  = 'U'
	opUnicode         = 'X'
	opAppend          = 'a'
	opBuild           = 'b'
	opGlobal          = 'c'
	opDict            = 'd'
	opEmptyDict       = '}'
	opAppends         = 'e'
	opGet             = 'h'
	opLongGet         = 'j'
	opList            = 'l'
	opEmptyList       = ']'
	opPut             = 'q'
	opLongPut         = 'r'
	opSetItem         = 's'
	opTuple           = 't'
	opEmptyTuple      = ')'
	opSetItems        = 'u'
	opProto           = 0x80
	opTuple1          = 0x85
	opTuple2          = 0x86
	opTuple3          = 0x87
	opTrue            = 0x88
	opFalse           = 0x89
	opLong1           = 0x8a
	opLong4           = 0x8b
	opShortBinUnicode = 0x8c
	opBinUnicode8     = 0x8d
	opStackGlobal     = 0x93
	opMemoize         = 0x94
	opFrame           = 0x95
)

func (m *machine) step(op byte) error {
	switch op {
	case opMark:
		return m.push(mark{}, nil)
	case opNone:
		return m.push(nil, nil)
	case opTrue:
		return m.push(true, nil)
	case opFalse:
		return m.push(false, nil)
	case opInt:
		n, err := m.number(4)
		return m.push(int64(int32(n)), err)
	case opInt1:
		n, err := m.number(1)
		return m.push(int64(n), err)
	case opInt2:
		n, err := m.number(2)
		return m.push(int64(n), err)
	case opLong1:
		return m.long(1)
	case opLong4:
		return m.long(4)
	case opFloat:
		var b [8]byte
		_, err := io.ReadFull(m.r, b[:])
		return m.push(math.Float64frombits(binary.BigEndian.Uint64(b[:])), err)
	case opShortBinString, opShortBinUnicode:
		return m.text(1)
	case opBinString, opUnicode:
		return m.text(4)
	case opBinUnicode8:
		return m.text(8)
	case opEmptyDict:
		return m.push(&Dict{}, nil)
	case opEmptyList:
		return m.push(&List{}, nil)
	case opEmptyTuple:
		return m.push(Tuple{}, nil)
	case opTuple1, opTuple2, opTuple3:
		items, err := m.popN(int(op-opTuple1) + 1)
		return m.push(Tuple(items), err)
	case opTuple:
		items, err := m.popMark()
		return m.push(Tuple(items), err)
	case opList:
		items, err := m.popMark()
		return m.push(&List{items}, err)
	case opDict:
		items, err := m.popMark()
		if err != nil {
			return err
		}
		d := &Dict{}
		if err := d.add(items); err != nil {
			return err
		}
		return m.push(d, nil)
	case opAppend:
		items, err := m.popN(1)
		return m.extend(items, err)
	case opAppends:
		items, err := m.popMark()
		return m.extend(items, err)
	case opSetItem:
		items, err := m.popN(2)
		return m.set(items, err)
	case opSetItems:
		items, err := m.popMark()
		return m.set(items, err)
	case opPop:
		_, err := m.popN(1)
		return err
	case opPopMark:
		_, err := m.popMark()
		return err
	case opDup:
		v, err := m.top()
		return m.push(v, err)
	case opPut:
		return m.put(1)
	case opLongPut:
		return m.put(4)
	case opMemoize:
		return m.remember(uint32(len(m.memo)))
	case opGet:
		return m.get(1)
	case opLongGet:
		return m.get(4)
	case opFrame:
		_, err := m.number(8) // how much to read ahead
		return err
	case opGlobal:
		return m.global()
	case opStackGlobal:
		return m.stackGlobal()
	case opReduce:
		return m.reduce()
	case opBuild:
		return m.build()
	case opPersID:
		id, err := m.pop()
		return m.push(Ref{id}, err)
	}
	return fmt.Errorf("the pickle has the instruction %#02x, which saved weights do not need", op)
}
