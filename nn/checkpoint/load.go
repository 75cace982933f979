package checkpoint

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// LoadOptions says how a file's tensors and a network's are matched. The zero value wants the same names on both sides.
type LoadOptions struct {
	// Part loads from one of several networks in a file: only tensors whose names begin with Part and a dot count, and
	// are named without them. In a .pth file it is the name of a dictionary, such as "params_ema". If it is empty
	// and a .pth file holds all of its tensors in one dictionary, that one is taken.
	Part string
	// Rename maps the network's name of a tensor to the file's. For "" the tensor is not loaded and keeps its values.
	Rename func(name string) string
	// Ignore reports whether a tensor of the file that the network does not want is to be passed over. The
	// num_batches_tracked of PyTorch's batch norms always are.
	Ignore func(name string) bool
	// AllowNonFinite accepts NaN and infinite numbers, which otherwise are an error.
	AllowNonFinite bool
	// Limits bound what is read of a .pth file before its tensors.
	Limits Limits
}

// limits returns those of the options that may be given.
func limits(opts []LoadOptions) Limits {
	if len(opts) > 0 {
		return opts[0].Limits
	}
	return Limits{}
}

// Load loads the parameters and the state of a network from a safetensors or .pth file. Everything is read and
// checked first: after an error, which is a [*Mismatch] if names or shapes differ, the network is as it was. Memory for
// one more copy of the network is used. At most one LoadOptions may be given.
func Load(m any, path string, opts ...LoadOptions) error {
	f, err := Open(path, limits(opts))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Load(m, opts...)
}

// LoadBytes is [Load] from memory, such as embedded weights.
func LoadBytes(m any, data []byte, opts ...LoadOptions) error {
	f, err := NewFile(bytes.NewReader(data), int64(len(data)), "embedded weights", limits(opts))
	if err != nil {
		return err
	}
	return f.Load(m, opts...)
}

// Load loads the parameters and the state of a network, as the function [Load] does.
func (f *File) Load(m any, opts ...LoadOptions) error {
	l := loading{file: f, entries: nn.Walk(m)}
	switch len(opts) {
	case 0:
	case 1:
		l.LoadOptions = opts[0]
	default:
		panic("checkpoint.Load: more than one LoadOptions")
	}
	if err := l.match(); err != nil {
		return err
	}
	values, err := l.read()
	if err != nil {
		return err
	}
	for i, e := range l.entries {
		if values[i] != nil {
			e.Tensor().CopyFrom(values[i])
		}
	}
	return nil
}

// loading is one call of Load.
type loading struct {
	LoadOptions
	file    *File
	entries []nn.Entry
	from    []string // the full name in the file of each entry, or "" for one that stays
}

// match finds each entry's tensor by name and compares shapes.
func (l *loading) match() error {
	prefix := l.Part
	if prefix == "" {
		prefix = l.file.root
	}
	if prefix != "" {
		prefix += "."
	}
	if l.Part != "" && !slices.ContainsFunc(l.file.infos, func(i Info) bool { return strings.HasPrefix(i.Name, prefix) }) {
		return fmt.Errorf("checkpoint: %s: no tensor is in the part %q; there is %s", l.file.name, l.Part, few(quote(l.parts())))
	}
	bad := &Mismatch{File: l.file.name}
	wanted := map[string]bool{}
	for _, e := range l.entries {
		name := e.Name
		if l.Rename != nil {
			name = l.Rename(name)
		}
		if name == "" {
			l.from = append(l.from, "")
			continue
		}
		full := prefix + name
		l.from = append(l.from, full)
		wanted[full] = true
		have, ok := l.file.shapes[full]
		want := e.Layout.DiskShape(e.Tensor().Shape())
		look := Lookup{Name: name}
		if name != e.Name {
			look.For = e.Name
		}
		switch {
		case !ok:
			bad.Missing = append(bad.Missing, look)
		case !slices.Equal(have, want):
			bad.Misshapen = append(bad.Misshapen, BadShape{look, have, want})
		}
	}
	for _, i := range l.file.infos {
		name, ok := strings.CutPrefix(i.Name, prefix)
		if !ok || wanted[i.Name] || strings.HasSuffix("."+name, ".num_batches_tracked") || l.Ignore != nil && l.Ignore(name) {
			continue
		}
		bad.Extra = append(bad.Extra, name)
	}
	if len(bad.Missing)+len(bad.Extra)+len(bad.Misshapen) > 0 {
		return bad
	}
	return nil
}

// parts returns the first parts of the file's names.
func (l *loading) parts() []string {
	var out []string
	for _, i := range l.file.infos {
		if p, _, _ := strings.Cut(i.Name, "."); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// read returns the values of each entry in the order of memory, nil for one that stays.
func (l *loading) read() ([]*tensor.Tensor, error) {
	stored := map[string]*tensor.Tensor{}
	data := map[string][]float32{}
	for _, name := range l.from {
		if name != "" && stored[name] == nil {
			t := tensor.New(l.file.shapes[name]...)
			stored[name], data[name] = t, t.Data()
		}
	}
	if err := l.file.source.ReadInto(data); err != nil {
		return nil, pathError(l.file.name, err)
	}
	values := make([]*tensor.Tensor, len(l.entries))
	for i, e := range l.entries {
		t := stored[l.from[i]]
		if t == nil {
			continue
		}
		if at := firstNonFinite(t.Data()); at >= 0 && !l.AllowNonFinite {
			return nil, fmt.Errorf("checkpoint: %s: tensor %q holds %v at element %d", l.file.name, l.from[i], t.Data()[at], at)
		}
		values[i] = e.Layout.FromDisk(t, e.Tensor().Shape())
	}
	return values, nil
}

func firstNonFinite(x []float32) int {
	return slices.IndexFunc(x, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
}
