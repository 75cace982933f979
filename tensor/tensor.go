package tensor

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gander-ml/gander/tensor/internal/hugepage"
)

// Tensor is a dense float32 array, contiguous and row-major. The zero value is not usable; make one with [New],
// [FromSlice] or an operation. A rank-0 tensor holds one value.
type Tensor struct {
	shape []int
	data  []float32
	block *block // where the memory came from, when an Arena lent it
}

// New returns a tensor of zeros. It panics if a size is negative or the number of elements overflows.
func New(shape ...int) *Tensor {
	return &Tensor{shape: slices.Clone(shape), data: hugepage.Floats(size("tensor.New", shape))}
}

// FromSlice returns a tensor that shares data. It panics unless len(data) is the product of shape.
func FromSlice(data []float32, shape ...int) *Tensor {
	if n := size("tensor.FromSlice", shape); n != len(data) {
		panic(fmt.Sprintf("tensor.FromSlice: shape %v wants %d values, got %d", Format(shape), n, len(data)))
	}
	return &Tensor{shape: slices.Clone(shape), data: data}
}

// Scalar returns a rank-0 tensor that holds v.
func Scalar(v float32) *Tensor { return &Tensor{shape: []int{}, data: []float32{v}} }

// Full returns a tensor with every element v.
func Full(v float32, shape ...int) *Tensor {
	t := New(shape...)
	t.Fill(v)
	return t
}

// Arange returns the rank-1 tensor 0, 1, …, n-1.
func Arange(n int) *Tensor {
	t := New(n)
	for i := range t.data {
		t.data[i] = float32(i)
	}
	return t
}

// RandN returns a tensor of independent N(0, 1) draws.
func RandN(rng *rand.Rand, shape ...int) *Tensor {
	t := New(shape...)
	RandNInto(t, rng)
	return t
}

// RandNInto overwrites t with independent N(0, 1) draws.
func RandNInto(t *Tensor, rng *rand.Rand) {
	for i := range t.data {
		t.data[i] = float32(rng.NormFloat64())
	}
}

// RandU returns a tensor of independent draws from the uniform distribution on [lo, hi).
func RandU(rng *rand.Rand, lo, hi float32, shape ...int) *Tensor {
	t := New(shape...)
	RandUInto(t, rng, lo, hi)
	return t
}

// RandUInto overwrites t with independent draws from the uniform distribution on [lo, hi).
func RandUInto(t *Tensor, rng *rand.Rand, lo, hi float32) {
	for i := range t.data {
		t.data[i] = lo + (hi-lo)*rng.Float32()
	}
}

// Shape returns the sizes of t. The caller must not change them.
func (t *Tensor) Shape() []int { return t.shape }

// Rank returns the number of axes.
func (t *Tensor) Rank() int { return len(t.shape) }

// Dim returns the size of an axis; -1 is the last one. It panics if there is no such axis.
func (t *Tensor) Dim(axis int) int { return t.shape[axisIn("tensor.Dim", axis, t.shape)] }

// Len returns the number of elements.
func (t *Tensor) Len() int { return len(t.data) }

// Data returns the elements in row-major order, sharing memory. It is meant for the places where bytes enter or
// leave (decoding, encoding, serialising).
func (t *Tensor) Data() []float32 { return t.data }

// At returns one element. It panics unless there is one index per axis, each in range.
func (t *Tensor) At(index ...int) float32 { return t.data[t.offset("tensor.At", index)] }

// Set changes one element. It panics unless there is one index per axis, each in range.
func (t *Tensor) Set(v float32, index ...int) { t.data[t.offset("tensor.Set", index)] = v }

// Item returns the only element of a tensor that has one. It panics if there are more or none.
func (t *Tensor) Item() float32 {
	if len(t.data) != 1 {
		panic(fmt.Sprintf("tensor.Item: want one element, got shape %s", Format(t.shape)))
	}
	return t.data[0]
}

// Reshape returns a view of t with another shape, sharing memory. One size may be -1 and is inferred. It panics
// unless the number of elements stays the same.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	return &Tensor{shape: InferShape("tensor.Reshape", t.shape, shape), data: t.data, block: t.block}
}

// Rows returns the view t[lo:hi] along axis 0, sharing memory.
func (t *Tensor) Rows(lo, hi int) *Tensor {
	if t.Rank() == 0 || lo < 0 || hi < lo || hi > t.shape[0] {
		panic(fmt.Sprintf("tensor.Rows: no rows %d:%d in shape %s", lo, hi, Format(t.shape)))
	}
	row := product(t.shape[1:])
	shape := slices.Clone(t.shape)
	shape[0] = hi - lo
	return &Tensor{shape: shape, data: t.data[lo*row : hi*row : hi*row], block: t.block}
}

// Clone returns a copy of t with memory of its own, never an arena's.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{shape: slices.Clone(t.shape), data: slices.Clone(t.data)}
}

// CopyFrom overwrites t with the elements of src. It panics unless the shapes are equal.
func (t *Tensor) CopyFrom(src *Tensor) {
	if !slices.Equal(t.shape, src.shape) {
		panic(shapeError("tensor.CopyFrom", "want equal shapes", t, src))
	}
	copy(t.data, src.data)
}

// Fill sets every element to v.
func (t *Tensor) Fill(v float32) {
	if v == 0 {
		clear(t.data)
		return
	}
	for i := range t.data {
		t.data[i] = v
	}
}

// SameShape reports whether a and b have equal shapes.
func SameShape(a, b *Tensor) bool { return slices.Equal(a.shape, b.shape) }

// SharesMemory reports whether a and b are views of one allocation that begin at the same element.
func SharesMemory(a, b *Tensor) bool {
	if a.block != nil || b.block != nil {
		return a.block == b.block
	}
	return len(a.data) > 0 && len(b.data) > 0 && &a.data[0] == &b.data[0]
}

func (t *Tensor) offset(op string, index []int) int {
	if len(index) != len(t.shape) {
		panic(fmt.Sprintf("%s: %d indices into shape %s", op, len(index), Format(t.shape)))
	}
	at := 0
	for i, x := range index {
		if x < 0 || x >= t.shape[i] {
			panic(fmt.Sprintf("%s: index %s out of range for shape %s", op, Format(index), Format(t.shape)))
		}
		at = at*t.shape[i] + x
	}
	return at
}
