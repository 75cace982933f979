package checkpoint

import (
	"fmt"
	"slices"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
	"github.com/gander-ml/gander/nn/checkpoint/internal/safetensors"
	"github.com/gander-ml/gander/tensor"
)

// State is what a training run needs to go on: named arrays of numbers, which come back bit for bit, and some text. The
// zero value is empty.
//
// What is added is not copied; it is read when the state is written.
type State struct {
	// Meta is text for the program, such as its settings.
	Meta map[string]string

	values []safetensors.Tensor
	index  map[string]int
}

// Names returns the names of the arrays in the order they were added, or that of the file.
func (s *State) Names() []string {
	out := make([]string, len(s.values))
	for i, v := range s.values {
		out[i] = v.Name
	}
	return out
}

// AddTensor adds the values of a tensor.
func (s *State) AddTensor(name string, t *tensor.Tensor) {
	s.add(safetensors.Tensor{Name: name, DType: dtype.F32, Shape: t.Shape(), Data: func() any { return t.Data() }})
}

// AddFloats adds numbers of double precision.
func (s *State) AddFloats(name string, x ...float64) {
	s.add(safetensors.Tensor{Name: name, DType: dtype.F64, Shape: []int{len(x)}, Data: func() any { return x }})
}

// AddInts adds integers, such as counters.
func (s *State) AddInts(name string, x ...int64) {
	s.add(safetensors.Tensor{Name: name, DType: dtype.I64, Shape: []int{len(x)}, Data: func() any { return x }})
}

// AddBytes adds bytes, such as a random source's MarshalBinary.
func (s *State) AddBytes(name string, b []byte) {
	s.add(safetensors.Tensor{Name: name, DType: dtype.U8, Shape: []int{len(b)}, Data: func() any { return b }})
}

// AddModel adds the parameters and the state of a network as [Save] stores them, each under name, a dot and its own
// name. [Load] takes them from the written state with name as LoadOptions.Part.
func (s *State) AddModel(name string, m any) {
	for _, e := range nn.Walk(m) {
		s.add(stored(name+"."+e.Name, e, dtype.F32))
	}
}

func (s *State) add(v safetensors.Tensor) {
	if _, ok := s.index[v.Name]; ok {
		panic(fmt.Sprintf("checkpoint.State: two arrays are named %q", v.Name))
	}
	if s.index == nil {
		s.index = map[string]int{}
	}
	s.index[v.Name] = len(s.values)
	s.values = append(s.values, v)
}

// Has reports whether there is an array of that name.
func (s *State) Has(name string) bool {
	_, ok := s.index[name]
	return ok
}

// Tensor returns a tensor, sharing memory with the state.
func (s *State) Tensor(name string) (*tensor.Tensor, error) {
	v, err := s.find(name, dtype.F32)
	if err != nil {
		return nil, err
	}
	return tensor.FromSlice(v.Data().([]float32), v.Shape...), nil
}

// Floats returns numbers of double precision.
func (s *State) Floats(name string) ([]float64, error) { return array[float64](s, name, dtype.F64) }

// Ints returns integers.
func (s *State) Ints(name string) ([]int64, error) { return array[int64](s, name, dtype.I64) }

// Bytes returns bytes.
func (s *State) Bytes(name string) ([]byte, error) { return array[byte](s, name, dtype.U8) }

// Int returns a single integer.
func (s *State) Int(name string) (int64, error) {
	x, err := s.Ints(name)
	if err == nil && len(x) != 1 {
		return 0, fmt.Errorf("checkpoint: state: %q has %d integers, want 1", name, len(x))
	}
	if err != nil {
		return 0, err
	}
	return x[0], nil
}

// RestoreTensor overwrites t. It is an error, and leaves t as it was, if there is no such tensor or it has another shape.
func (s *State) RestoreTensor(name string, t *tensor.Tensor) error {
	v, err := s.Tensor(name)
	if err != nil {
		return err
	}
	if !tensor.SameShape(v, t) {
		return fmt.Errorf("checkpoint: state: tensor %q is %s, want %s", name, formatShape(v.Shape()), formatShape(t.Shape()))
	}
	t.CopyFrom(v)
	return nil
}

// RestoreModel overwrites the parameters and the state of a network with those that AddModel added under name. If one of
// them is missing, left over or of another shape, that is an error of type [*Mismatch] and the network is as it was.
func (s *State) RestoreModel(name string, m any) error {
	f := &File{name: "state", shapes: map[string][]int{}, source: stateSource{s}}
	for _, v := range s.values {
		f.infos = append(f.infos, Info{v.Name, string(v.DType), v.Shape})
		if v.DType == dtype.F32 {
			f.shapes[v.Name] = v.Shape
		}
	}
	return f.Load(m, LoadOptions{Part: name, AllowNonFinite: true})
}

// stateSource lets a network be loaded from a state as from a file.
type stateSource struct{ s *State }

func (src stateSource) ReadInto(dst map[string][]float32) error {
	for name, d := range dst {
		v, err := src.s.find(name, dtype.F32)
		if err != nil {
			return err
		}
		copy(d, v.Data().([]float32))
	}
	return nil
}

func (s *State) find(name string, d dtype.DType) (safetensors.Tensor, error) {
	i, ok := s.index[name]
	if !ok {
		return safetensors.Tensor{}, fmt.Errorf("checkpoint: state: no array %q", name)
	}
	if v := s.values[i]; v.DType != d {
		return v, fmt.Errorf("checkpoint: state: array %q is of format %s, want %s", name, v.DType, d)
	}
	return s.values[i], nil
}

func array[T float64 | int64 | byte](s *State, name string, d dtype.DType) ([]T, error) {
	v, err := s.find(name, d)
	if err != nil {
		return nil, err
	}
	return slices.Clone(v.Data().([]T)), nil
}
