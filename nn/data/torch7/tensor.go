package torch7

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/gander-ml/gander/tensor"
)

// element is a type of numbers.
type element struct {
	name  string // "byte", …
	width int
	at    func(b []byte) float64
	parse func(b []byte, text string) error // of text, into b
}

var little = binary.LittleEndian

func integers(name string, width int, at func(b []byte) float64, put func(b []byte, v int64)) element {
	return element{name, width, at, func(b []byte, text string) error {
		v, err := strconv.ParseInt(text, 10, 8*width)
		put(b, v)
		return err
	}}
}

// elements are the types by their part of the names of classes. Those of graphics cards are stored as others are.
var elements = func() map[string]element {
	m := map[string]element{
		// Text has these two as characters, not as numbers: see storage.
		"Byte": {name: "byte", width: 1, at: func(b []byte) float64 { return float64(b[0]) }},
		"Char": {name: "char", width: 1, at: func(b []byte) float64 { return float64(int8(b[0])) }},
		"Short": integers("short", 2, func(b []byte) float64 { return float64(int16(little.Uint16(b))) },
			func(b []byte, v int64) { little.PutUint16(b, uint16(v)) }),
		"Int": integers("int", 4, func(b []byte) float64 { return float64(int32(little.Uint32(b))) },
			func(b []byte, v int64) { little.PutUint32(b, uint32(v)) }),
		"Long": integers("long", 8, func(b []byte) float64 { return float64(int64(little.Uint64(b))) },
			func(b []byte, v int64) { little.PutUint64(b, uint64(v)) }),
		"Float": {"float", 4, func(b []byte) float64 { return float64(math.Float32frombits(little.Uint32(b))) },
			func(b []byte, text string) error {
				v, err := parseFloat(text, 32)
				little.PutUint32(b, math.Float32bits(float32(v)))
				return err
			}},
		"Double": {"double", 8, func(b []byte) float64 { return math.Float64frombits(little.Uint64(b)) },
			func(b []byte, text string) error {
				v, err := parseFloat(text, 64)
				little.PutUint64(b, math.Float64bits(v))
				return err
			}},
	}
	m["Cuda"] = m["Float"]
	for _, k := range []string{"Byte", "Char", "Short", "Int", "Long", "Double"} {
		m["Cuda"+k] = m[k]
	}
	return m
}()

// Storage is numbers of one type, one after the other.
type Storage struct {
	raw  []byte
	kind element
}

// Len returns how many numbers there are.
func (s *Storage) Len() int { return len(s.raw) / s.kind.width }

// At returns number i. Of 64-bit integers beyond 2⁵³ it is the nearest float64.
func (s *Storage) At(i int) float64 { return s.kind.at(s.raw[i*s.kind.width : (i+1)*s.kind.width]) }

// Kind returns the name of the type: "byte", "char", "short", "int", "long", "float" or "double".
func (s *Storage) Kind() string { return s.kind.name }

// Tensor is numbers with sizes. It may show a part of a storage that others show, too.
type Tensor struct {
	Shape []int // empty for the empty tensor

	storage *Storage
	strides []int
	offset  int
}

// Len returns how many numbers there are; the empty tensor has none.
func (t *Tensor) Len() int {
	if len(t.Shape) == 0 {
		return 0
	}
	n := 1
	for _, s := range t.Shape {
		n *= s
	}
	return n
}

// Kind returns the name of the type of the numbers, as [Storage.Kind] does.
func (t *Tensor) Kind() string { return t.storage.Kind() }

// At returns a number. It panics unless there is an index for each size, counted from 0, and within it.
func (t *Tensor) At(index ...int) float64 {
	if len(index) != len(t.Shape) || len(index) == 0 {
		panic(fmt.Sprintf("torch7.Tensor.At: %d indices for a tensor %v", len(index), t.Shape))
	}
	at := t.offset
	for i, v := range index {
		if v < 0 || v >= t.Shape[i] {
			panic(fmt.Sprintf("torch7.Tensor.At: index %v of a tensor %v", index, t.Shape))
		}
		at += v * t.strides[i]
	}
	return t.storage.At(at)
}

// Floats returns all numbers, the last index running fastest.
func (t *Tensor) Floats() []float64 {
	out := make([]float64, 0, t.Len())
	if t.Len() == 0 {
		return out
	}
	index := make([]int, len(t.Shape))
	at := t.offset
	for {
		out = append(out, t.storage.At(at))
		k := len(index) - 1
		for ; k >= 0; k-- {
			index[k]++
			at += t.strides[k]
			if index[k] < t.Shape[k] {
				break
			}
			at -= index[k] * t.strides[k]
			index[k] = 0
		}
		if k < 0 {
			return out
		}
	}
}

// Tensor returns a copy as a tensor of this library. It panics if there are no numbers.
func (t *Tensor) Tensor() *tensor.Tensor {
	if t.Len() == 0 {
		panic("torch7.Tensor.Tensor: the tensor is empty")
	}
	x := make([]float32, t.Len())
	for i, v := range t.Floats() {
		x[i] = float32(v)
	}
	return tensor.FromSlice(x, t.Shape...)
}

const maxAxes = 32

// tensor reads sizes, strides, where in its storage it begins, and the storage.
func (d *decoder) tensor(kind element, depth int) (*Tensor, error) {
	axes, err := d.in.int32()
	if err != nil {
		return nil, err
	}
	if axes < 0 || axes > maxAxes {
		return nil, fmt.Errorf("%d axes, want 0 to %d", axes, maxAxes)
	}
	shape, err := d.in.longs(int(axes))
	if err != nil {
		return nil, err
	}
	strides, err := d.in.longs(int(axes))
	if err != nil {
		return nil, err
	}
	offset, err := d.in.longs(1)
	if err != nil {
		return nil, err
	}
	v, err := d.value(depth + 1)
	if err != nil {
		return nil, err
	}
	t := &Tensor{storage: &Storage{kind: kind}}
	switch s := v.(type) {
	case nil:
	case *Storage:
		if s.kind.name != kind.name {
			return nil, fmt.Errorf("has a storage of %s numbers: the file is damaged", s.kind.name)
		}
		t.storage = s
	default:
		return nil, fmt.Errorf("has a %s for a storage: the file is damaged", kindOf(v))
	}
	return t, t.place(shape, strides, offset[0]-1)
}

// place sets the sizes and strides if all numbers they speak of are in the storage, and none of them is there twice.
func (t *Tensor) place(shape, strides []int64, offset int64) error {
	length := int64(t.storage.Len())
	count, last := int64(1), offset
	for i, s := range shape {
		if s < 0 || strides[i] < 0 {
			return fmt.Errorf("sizes %v with strides %v: the file is damaged", shape, strides)
		}
		if s == 0 {
			count = 0
		}
	}
	if count > 0 && len(shape) > 0 && (offset < 0 || offset >= length) {
		return fmt.Errorf("begins at number %d of a storage of %d: the file is damaged", offset+1, length)
	}
	for i, s := range shape {
		if count == 0 {
			break
		}
		// Both are checked at every axis, so that nothing can overflow.
		if s > length/count || s > 1 && strides[i] > length/(s-1) {
			return fmt.Errorf("sizes %v with strides %v in a storage of %d numbers: the file is damaged, or repeats its numbers, which is not read",
				shape, strides, length)
		}
		count *= s
		last += (s - 1) * strides[i]
	}
	if len(shape) > 0 && count > 0 && last >= length {
		return fmt.Errorf("sizes %v with strides %v from number %d go beyond a storage of %d numbers: the file is damaged",
			shape, strides, offset+1, length)
	}
	for i, s := range shape {
		if s > math.MaxInt32 {
			return fmt.Errorf("sizes %v, want 31 bits at most", shape)
		}
		t.Shape, t.strides = append(t.Shape, int(s)), append(t.strides, int(min(strides[i], math.MaxInt32)))
	}
	if count > 0 {
		t.offset = int(offset)
	}
	return nil
}

// storage reads numbers.
func (d *decoder) storage(kind element) (*Storage, error) {
	size, err := d.in.longs(1)
	if err != nil {
		return nil, err
	}
	stored := kind.width
	if kind.name == "long" {
		stored = d.in.longBytes()
	}
	if err := d.in.room(size[0], stored, "numbers"); err != nil {
		return nil, err
	}
	if size[0] > d.limits.MaxBytes/int64(kind.width) { // text may be shorter than what it says
		return nil, fmt.Errorf("%d numbers of %d bytes, the limit is %d bytes (Options.MaxBytes)", size[0], kind.width, d.limits.MaxBytes)
	}
	s := &Storage{kind: kind}
	switch {
	case kind.width == 1:
		s.raw, err = d.in.raw(size[0])
	case stored == 4 && kind.width == 8:
		s.raw = make([]byte, 8*size[0])
		for i := int64(0); i < size[0] && err == nil; i++ {
			var v int64
			v, err = d.in.integer(32)
			little.PutUint64(s.raw[8*i:], uint64(v))
		}
	case !d.in.text:
		s.raw = make([]byte, size[0]*int64(kind.width))
		err = d.in.bytes(s.raw)
	default:
		s.raw = make([]byte, size[0]*int64(kind.width))
		for at := 0; at < len(s.raw) && err == nil; at += kind.width {
			var text string
			if text, err = d.in.token(); err == nil {
				if kind.parse(s.raw[at:], text) != nil {
					err = fmt.Errorf("%q is not a number of the type %s", text, kind.name)
				}
			}
		}
	}
	return s, err
}
