package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
)

// Tensor is a tensor to write.
type Tensor struct {
	Name  string
	DType dtype.DType
	Shape []int
	// Data returns the numbers in a type that DType encodes. It is called twice, for the checksum and for the file,
	// and must return the same numbers; that way only one tensor at a time need be in the file's order.
	Data func() any
}

// Write writes a file with a checksum. Tensors are stored in the order given, wider numbers first, so that every
// number is aligned. What cannot be stored is an error before the first byte is written: duplicate names, text that is
// not UTF-8, and finite numbers that would become infinite.
func Write(w io.Writer, tensors []Tensor, meta map[string]string) error {
	tensors = slices.Clone(tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int { return b.DType.Size() - a.DType.Size() })
	full := maps.Clone(meta)
	if full == nil {
		full = map[string]string{}
	}
	sum, err := checksum(tensors, full)
	if err != nil {
		return err
	}
	full[checksumKey] = sum
	header, err := encodeHeader(tensors, full)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := t.DType.Encode(w, t.Data()); err != nil {
			return err
		}
	}
	return nil
}

func checksum(tensors []Tensor, meta map[string]string) (string, error) {
	byName := slices.Clone(tensors)
	slices.SortFunc(byName, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	d := newDigest(meta)
	for i, t := range byName {
		if i > 0 && t.Name == byName[i-1].Name {
			return "", fmt.Errorf("two tensors are named %q", t.Name)
		}
		d.begin(t.Name, string(t.DType), t.Shape, t.size())
		counted := &counter{w: d}
		if err := t.DType.Encode(counted, t.Data()); err != nil {
			return "", fmt.Errorf("tensor %q %w", t.Name, err)
		}
		if counted.n != t.size() {
			panic(fmt.Sprintf("safetensors.Write: tensor %q has %d bytes, its shape %v wants %d", t.Name, counted.n, t.Shape, t.size()))
		}
	}
	return d.sum(), nil
}

// size returns the bytes that the shape asks for.
func (t Tensor) size() int64 {
	n, ok := dtype.Elements(t.Shape)
	if !ok || t.DType.Size() == 0 {
		panic(fmt.Sprintf("safetensors.Write: tensor %q has shape %v and format %q", t.Name, t.Shape, t.DType))
	}
	return int64(n) * int64(t.DType.Size())
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// encodeHeader returns the length and the header, padded with spaces so that the data begins at a multiple of eight.
func encodeHeader(tensors []Tensor, meta map[string]string) ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	b.WriteString(`{"` + metadataKey + `":{`)
	for i, k := range slices.Sorted(maps.Keys(meta)) {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := quoted(&b, k); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := quoted(&b, meta[k]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	var at int64
	for _, t := range tensors {
		if t.Name == metadataKey || len(t.Shape) > maxRank {
			return nil, fmt.Errorf("a tensor named %q with %d axes cannot be stored", t.Name, len(t.Shape))
		}
		b.WriteByte(',')
		if err := quoted(&b, t.Name); err != nil {
			return nil, err
		}
		end := at + t.size()
		shape := strings.ReplaceAll(strings.Trim(fmt.Sprint(t.Shape), "[]"), " ", ",")
		fmt.Fprintf(&b, `:{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}`, t.DType, shape, at, end)
		at = end
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	n := b.Len() - 8
	if n > maxHeader {
		return nil, fmt.Errorf("the header would have %d bytes, more than the limit of %d", n, maxHeader)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(n))
	return b.Bytes(), nil
}

// quoted writes s as JSON, leaving <, > and & as they are.
func quoted(b *bytes.Buffer, s string) error {
	if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
		return fmt.Errorf("%q is not valid UTF-8", s)
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the newline that Encode adds
	return nil
}
