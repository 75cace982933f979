package golden

import (
	"bytes"
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strings"
)

//go:embed vectors/*.golden
var vectors embed.FS

// suffix ends the name of every vector file.
const suffix = ".golden"

// Array is a row-major array of a case. A scalar has an empty shape and one value.
type Array struct {
	Shape []int
	Data  []float32
}

// header is the first line of a vector file.
type header struct {
	Torch  string            `json:"torch"`
	Meta   map[string]string `json:"meta"`
	Arrays []entry           `json:"arrays"`
}

// entry is one array's [name, shape] in the header.
type entry struct {
	name  string
	shape []int
}

// UnmarshalJSON reads the pair.
func (e *entry) UnmarshalJSON(text []byte) error {
	pair := []any{&e.name, &e.shape}
	if err := json.Unmarshal(text, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("want [name, shape], got %s", text)
	}
	return nil
}

// Names lists all cases in alphabetical order.
func Names() []string {
	files, err := vectors.ReadDir("vectors")
	if err != nil {
		panic(fmt.Sprintf("golden.Names: %v", err))
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), suffix)
	}
	return names
}

// Load returns the arrays of a case by name; they are the caller's to keep. It panics if there is no such case.
func Load(name string) map[string]Array {
	_, arrays := open("golden.Load", name)
	return arrays
}

// Meta returns the settings of a case, such as "stride" or "formula", as JSON values or plain text, and under "torch" the
// version of PyTorch that made it. It panics if there is no such case.
func Meta(name string) map[string]string {
	head, _ := open("golden.Meta", name)
	meta := map[string]string{"torch": head.Torch}
	maps.Copy(meta, head.Meta)
	return meta
}

// open parses the file of a case. The files are part of the program, so that a bad one is a programmer's error.
func open(op, name string) (header, map[string]Array) {
	file, err := vectors.ReadFile("vectors/" + name + suffix)
	if err != nil {
		panic(fmt.Sprintf("%s: no case %q", op, name))
	}
	head, arrays, err := parse(file)
	if err != nil {
		panic(fmt.Sprintf("%s: case %q: %v", op, name, err))
	}
	return head, arrays
}

// parse decodes a vector file and checks that its data are as long as its shapes say.
func parse(file []byte) (header, map[string]Array, error) {
	var head header
	line, data, found := bytes.Cut(file, []byte("\n"))
	if !found {
		return head, nil, fmt.Errorf("no header line")
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return head, nil, fmt.Errorf("header: %w", err)
	}
	arrays := make(map[string]Array, len(head.Arrays))
	for _, e := range head.Arrays {
		if _, twice := arrays[e.name]; twice {
			return head, nil, fmt.Errorf("array %q appears twice", e.name)
		}
		// The count is compared with what is left at every factor, so that it cannot overflow.
		n := 1
		for _, d := range e.shape {
			if d < 1 || d > len(data)/4/n {
				return head, nil, fmt.Errorf("array %q of shape %v has only %d bytes left", e.name, e.shape, len(data))
			}
			n *= d
		}
		if 4*n > len(data) {
			return head, nil, fmt.Errorf("array %q of shape %v has only %d bytes left", e.name, e.shape, len(data))
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		arrays[e.name] = Array{Shape: e.shape, Data: values}
		data = data[4*n:]
	}
	if len(data) != 0 {
		return head, nil, fmt.Errorf("%d bytes after the last array", len(data))
	}
	return head, arrays, nil
}
