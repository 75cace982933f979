package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
	"github.com/gander-ml/gander/nn/checkpoint/internal/pth"
	"github.com/gander-ml/gander/nn/checkpoint/internal/safetensors"
	"github.com/gander-ml/gander/tensor"
)

// Info describes a tensor of a file.
type Info struct {
	Name   string
	Format string // of its numbers: F32, F16, BF16, F64, I64, …
	Shape  []int  // as stored, in PyTorch's layout
}

// File is an open checkpoint, of which only the names and shapes are in memory. It may be used by several goroutines.
type File struct {
	// MaxElements bounds a tensor that [File.Tensor] returns: a small .pth file can describe an arbitrarily large one by
	// repeating its numbers. 0 means 2³⁰. Loading a network needs no such bound, as shapes are compared first.
	MaxElements int

	name   string // for messages
	infos  []Info
	shapes map[string][]int
	root   string // the part of a .pth file that holds all tensors
	meta   map[string]string
	source source
	closer io.Closer
}

// source converts tensors to float32, into slices of their lengths.
type source interface {
	ReadInto(map[string][]float32) error
}

// Limits bound what is read of a .pth file before its tensors, so that a small file cannot take much memory or time. The
// zero value is that of an archive of up to 2²⁰ members, whose description takes up to 64 MiB and holds up to 2¹⁹ values.
// A safetensors file needs none: nothing in it is larger than the file says and is.
type Limits = pth.Limits

// Open opens a safetensors or .pth file, told apart by content. The caller must close it. At most one Limits may be given.
func Open(path string, limits ...Limits) (*File, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, pathError(path, err)
	}
	file, err := NewFile(f, size, path, limits...)
	if err != nil {
		f.Close()
		return nil, err
	}
	file.closer = f
	return file, nil
}

// openRegular opens a file that has a size. What is none is not even opened, since that may block.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	return f, info.Size(), err
}

// NewFile opens a checkpoint of the given size that r reads. Messages call it by name. At most one Limits may be given.
func NewFile(r io.ReaderAt, size int64, name string, limits ...Limits) (*File, error) {
	var limit Limits
	if len(limits) > 0 {
		limit = limits[0]
	}
	f := &File{name: name, shapes: map[string][]int{}}
	if err := f.open(r, size, limit); err != nil {
		return nil, pathError(name, err)
	}
	for _, i := range f.infos {
		f.shapes[i.Name] = i.Shape
	}
	return f, nil
}

func (f *File) open(r io.ReaderAt, size int64, limits Limits) error {
	start := make([]byte, min(size, 64))
	if _, err := r.ReadAt(start, 0); err != nil && err != io.EOF {
		return err
	}
	if pth.Sniff(start) {
		p, err := pth.Open(r, size, limits)
		if err != nil {
			return err
		}
		for _, t := range p.Tensors() {
			f.infos = append(f.infos, Info{t.Name, string(t.DType), t.Shape})
		}
		f.source, f.root = p, p.Root()
		return nil
	}
	s, err := safetensors.New(r, size)
	if err != nil {
		return err
	}
	for _, t := range s.Tensors() {
		f.infos = append(f.infos, Info{t.Name, string(t.DType), t.Shape})
	}
	f.source, f.meta = s, s.Metadata()
	return nil
}

// Close closes the file.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Tensors lists the tensors in the order of the file. Names of nested dictionaries are joined by dots.
func (f *File) Tensors() []Info { return slices.Clone(f.infos) }

// Metadata returns the text that a safetensors file carries; it is empty for a .pth file. The caller must not change it.
func (f *File) Metadata() map[string]string { return f.meta }

// Tensor returns one tensor as it is stored, converted to float32. The file's checksum, if it has one, is verified, for
// which all of the file is read.
func (f *File) Tensor(name string) (*tensor.Tensor, error) {
	shape, ok := f.shapes[name]
	if !ok {
		return nil, fmt.Errorf("checkpoint: %s: no tensor %q", f.name, name)
	}
	limit := f.MaxElements
	if limit == 0 {
		limit = 1 << 30
	}
	if n, ok := dtype.Elements(shape); !ok || n > limit {
		return nil, fmt.Errorf("checkpoint: %s: tensor %q is %s, more than the limit of %d elements (File.MaxElements)",
			f.name, name, formatShape(shape), limit)
	}
	t := tensor.New(shape...)
	if err := f.source.ReadInto(map[string][]float32{name: t.Data()}); err != nil {
		return nil, pathError(f.name, err)
	}
	return t, nil
}

// pathError says which file an error is about, once.
func pathError(path string, err error) error {
	if err == nil {
		return nil
	}
	var pe *os.PathError
	if errors.As(err, &pe) && err == error(pe) && pe.Path == path {
		return fmt.Errorf("checkpoint: %s: %w", path, pe.Err)
	}
	return fmt.Errorf("checkpoint: %s: %w", path, err)
}

// formatShape writes a shape for people: 64×32×3×3.
func formatShape(shape []int) string {
	if len(shape) == 0 {
		return "a scalar"
	}
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = strconv.Itoa(n)
	}
	if len(parts) == 1 {
		return parts[0] + " long"
	}
	return strings.Join(parts, "×")
}
