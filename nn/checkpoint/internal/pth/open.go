// Package pth reads the tensors of PyTorch's .pth files, both the zip archives of version 1.6 and later and the older
// format of one stream. Nothing that a file names is run, and nothing is unpacked: tensors are read where they lie.
package pth

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
	"github.com/gander-ml/gander/nn/checkpoint/internal/pickle"
)

// File is an open file. It may be used by several goroutines.
type File struct {
	tensors []Tensor
	byName  map[string]*Tensor
	root    string
}

// Sniff reports whether a file that begins with b is one for [Open].
func Sniff(b []byte) bool { return isZip(b) || isLegacy(b) }

// Open reads what the file says of its tensors, but none of their numbers.
func Open(r io.ReaderAt, size int64, limits Limits) (*File, error) {
	limits = limits.withDefaults()
	var start [legacyStart]byte
	n, err := r.ReadAt(start[:], 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var value any
	var find finder
	switch b := start[:n]; {
	case isZip(b):
		value, find, err = openZip(r, size, limits)
	case isLegacy(b):
		value, find, err = openLegacy(r, size)
	default:
		err = errors.New("not a .pth file")
	}
	if err != nil {
		return nil, err
	}
	c := &collector{limit: limits.Values, find: find, names: map[string]bool{}}
	if err := c.collect("", value, 0); err != nil {
		return nil, err
	}
	if len(c.tensors) == 0 {
		return nil, errors.New("holds no named tensors; save a state_dict")
	}
	f := &File{tensors: c.tensors, byName: map[string]*Tensor{}, root: root(value)}
	for i := range f.tensors {
		f.byName[f.tensors[i].Name] = &f.tensors[i]
	}
	return f, nil
}

// Tensors describes the tensors in the order of the file. Names of nested dictionaries are joined by dots. The
// caller must not change the result.
func (f *File) Tensors() []Tensor { return f.tensors }

// Root returns the names, joined by dots, of the dictionaries around the one that holds all tensors, such as
// "state_dict", or "" if tensors lie in several places or at the top.
func (f *File) Root() string { return f.root }

// ReadInto converts tensors to float32, in row-major order: dst gives, by name, where each goes, in slices as long as
// the tensors. It panics for a name or a length that the file does not have.
func (f *File) ReadInto(dst map[string][]float32) error {
	for i := range f.tensors {
		t := &f.tensors[i]
		d, ok := dst[t.Name]
		if !ok {
			continue
		}
		if err := t.readInto(d); err != nil {
			return fmt.Errorf("tensor %q %w", t.Name, err)
		}
	}
	for name := range dst {
		if f.byName[name] == nil {
			panic(fmt.Sprintf("pth.ReadInto: no tensor %q", name))
		}
	}
	return nil
}

// readPickle reads a pickle in which only what makes up saved weights may be named.
func readPickle(r *bufio.Reader) (any, error) { return pickle.Read(r, allowed) }

func allowed(n pickle.Name) bool {
	if n.Module == "torch" && storageTypes[n.Attr] != "" {
		return true
	}
	return slices.Contains(names, n)
}

var (
	rebuildTensor    = pickle.Name{Module: "torch._utils", Attr: "_rebuild_tensor_v2"}
	rebuildOldTensor = pickle.Name{Module: "torch._utils", Attr: "_rebuild_tensor"} // before version 0.4, as in torchvision's VGG
	rebuildParameter = pickle.Name{Module: "torch._utils", Attr: "_rebuild_parameter"}
	names            = []pickle.Name{
		{Module: "collections", Attr: "OrderedDict"},
		{Module: "torch", Attr: "Size"},
		rebuildTensor, rebuildOldTensor, rebuildParameter,
	}
	storageTypes = map[string]dtype.DType{
		"DoubleStorage": dtype.F64, "FloatStorage": dtype.F32, "HalfStorage": dtype.F16, "BFloat16Storage": dtype.BF16,
		"LongStorage": dtype.I64, "IntStorage": dtype.I32, "ShortStorage": dtype.I16, "CharStorage": dtype.I8,
		"ByteStorage": dtype.U8, "BoolStorage": dtype.Bool,
	}
)
