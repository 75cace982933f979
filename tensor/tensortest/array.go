package tensortest

import (
	"fmt"
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// Array is a dense row-major float64 array: what a reference takes and gives.
type Array struct {
	Shape []int
	Data  []float64
}

// Zeros returns an array of zeros.
func Zeros(shape ...int) Array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return Array{Shape: slices.Clone(shape), Data: make([]float64, n)}
}

// From returns the elements of t in float64.
func From(t *tensor.Tensor) Array {
	a := Zeros(t.Shape()...)
	for i, v := range t.Data() {
		a.Data[i] = float64(v)
	}
	return a
}

// Tensor returns the elements of a rounded to float32.
func (a Array) Tensor() *tensor.Tensor {
	t := tensor.New(a.Shape...)
	for i, v := range a.Data {
		t.Data()[i] = float32(v)
	}
	return t
}

// At returns one element.
func (a Array) At(index ...int) float64 { return a.Data[a.offset(index)] }

// Set changes one element.
func (a Array) Set(v float64, index ...int) { a.Data[a.offset(index)] = v }

// Add adds v to one element.
func (a Array) Add(v float64, index ...int) { a.Data[a.offset(index)] += v }

// Clone returns a copy of a.
func (a Array) Clone() Array { return Array{Shape: slices.Clone(a.Shape), Data: slices.Clone(a.Data)} }

// Each calls f with every index of a shape, in row-major order. f must not keep the slice.
func Each(shape []int, f func(index []int)) {
	if slices.Contains(shape, 0) {
		return
	}
	index := make([]int, len(shape))
	for {
		f(index)
		k := len(shape) - 1
		for ; k >= 0; k-- {
			index[k]++
			if index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
		if k < 0 {
			return
		}
	}
}

// Broadcast returns the element of a that is repeated at index of a larger shape.
func (a Array) Broadcast(index []int) float64 {
	own := make([]int, len(a.Shape))
	for k := range own {
		if a.Shape[k] != 1 {
			own[k] = index[k+len(index)-len(own)]
		}
	}
	return a.At(own...)
}

func (a Array) offset(index []int) int {
	if len(index) != len(a.Shape) {
		panic(fmt.Sprintf("tensortest: %d indices into shape %s", len(index), tensor.Format(a.Shape)))
	}
	at := 0
	for k, i := range index {
		if i < 0 || i >= a.Shape[k] {
			panic(fmt.Sprintf("tensortest: index %s out of range for shape %s", tensor.Format(index), tensor.Format(a.Shape)))
		}
		at = at*a.Shape[k] + i
	}
	return at
}
