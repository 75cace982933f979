package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
	"github.com/gander-ml/gander/nn/checkpoint/internal/safetensors"
)

// stateKey is the metadata key of what a state has beside its arrays.
const stateKey = "gander.state"

// stateHeader is what a state file says in its metadata. Step guards against a file under another's name.
type stateHeader struct {
	Step    *int              `json:"step,omitempty"`
	Meta    map[string]string `json:"meta,omitempty"`
	Version string            `json:"version,omitempty"`
}

// WriteState writes a state, with a checksum, to a file, which is a safetensors file. The file at path is replaced only
// by a whole new one.
func WriteState(path string, s *State) error { return writeState(path, s, nil) }

func writeState(path string, s *State, step *int) error {
	return pathError(path, atomicfile.Write(path, func(w io.Writer) error { return encodeState(w, s, step) }))
}

func encodeState(w io.Writer, s *State, step *int) error {
	for k, v := range s.Meta {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return fmt.Errorf("the text %q: %q is not valid UTF-8", k, v)
		}
	}
	text, err := json.Marshal(stateHeader{step, s.Meta, libraryVersion()})
	if err != nil {
		return err
	}
	return safetensors.Write(w, s.values, map[string]string{stateKey: string(text)})
}

// ReadState reads what [WriteState] wrote. A file that is damaged in any byte is an error.
func ReadState(path string) (*State, error) {
	s, _, err := readState(path)
	return s, err
}

func readState(path string) (s *State, step *int, err error) {
	err = onFile(path, func(r io.ReaderAt, size int64) error {
		s, step, err = decodeState(r, size)
		return err
	})
	return s, step, err
}

// verifyState reads a state for its checksum only and returns its step.
func verifyState(path string) (step *int, err error) {
	err = onFile(path, func(r io.ReaderAt, size int64) error {
		f, header, err := openState(r, size)
		if err != nil {
			return err
		}
		step = header.Step
		return f.Verify()
	})
	return step, err
}

// onFile calls read with an open file.
func onFile(path string, read func(r io.ReaderAt, size int64) error) error {
	f, size, err := openRegular(path)
	if err != nil {
		return pathError(path, err)
	}
	defer f.Close()
	return pathError(path, read(f, size))
}

func openState(r io.ReaderAt, size int64) (*safetensors.File, stateHeader, error) {
	var header stateHeader
	f, err := safetensors.New(r, size)
	if err != nil {
		return nil, header, err
	}
	text, ok := f.Metadata()[stateKey]
	if !ok {
		return nil, header, errors.New("is not a training state")
	}
	if err := strictJSON([]byte(text), &header); err != nil {
		return nil, header, fmt.Errorf("state: %w", err)
	}
	return f, header, nil
}

func decodeState(r io.ReaderAt, size int64) (*State, *int, error) {
	f, header, err := openState(r, size)
	if err != nil {
		return nil, nil, err
	}
	data := map[string]any{}
	err = f.Scan(func(i safetensors.Info) func([]byte) error {
		x, take := collector(i)
		data[i.Name] = x
		return take
	})
	if err != nil {
		return nil, nil, err
	}
	s := &State{Meta: header.Meta}
	for _, i := range f.Tensors() {
		x := data[i.Name]
		s.add(safetensors.Tensor{Name: i.Name, DType: i.DType, Shape: i.Shape, Data: func() any { return x }})
	}
	return s, header.Step, nil
}

// collector returns memory for an array and a function that fills it.
func collector(i safetensors.Info) (any, func([]byte) error) {
	n := i.Elements()
	le := binary.LittleEndian
	at := 0
	switch i.DType {
	case dtype.F32:
		x := make([]float32, n)
		return x, func(b []byte) error {
			at += len(b) / 4
			return dtype.F32.Decode(x[at-len(b)/4:at], b)
		}
	case dtype.F64:
		x := make([]float64, n)
		return x, func(b []byte) error {
			for ; len(b) > 0; b = b[8:] {
				x[at] = math.Float64frombits(le.Uint64(b))
				at++
			}
			return nil
		}
	case dtype.I64:
		x := make([]int64, n)
		return x, func(b []byte) error {
			for ; len(b) > 0; b = b[8:] {
				x[at] = int64(le.Uint64(b))
				at++
			}
			return nil
		}
	case dtype.U8:
		x := make([]byte, n)
		return x, func(b []byte) error {
			at += copy(x[at:], b)
			return nil
		}
	}
	return nil, func([]byte) error { return fmt.Errorf("is of format %s, which states do not use", i.DType) }
}
