package golden

import (
	"fmt"
	"slices"
)

// Permute returns the array with its axes in a new order: axis i of the result is axis axes[i] of a. It panics unless axes
// is a permutation of a's axes.
func (a Array) Permute(axes ...int) Array {
	sorted := slices.Sorted(slices.Values(axes))
	for i, axis := range sorted {
		if axis != i {
			panic(fmt.Sprintf("golden.Permute: %v is not a permutation", axes))
		}
	}
	if len(axes) != len(a.Shape) {
		panic(fmt.Sprintf("golden.Permute: want %d axes for shape %v, got %v", len(a.Shape), a.Shape, axes))
	}
	stride := make([]int, len(a.Shape)) // of a
	for i, step := len(a.Shape)-1, 1; i >= 0; i-- {
		stride[i] = step
		step *= a.Shape[i]
	}
	out := Array{Shape: make([]int, len(axes)), Data: make([]float32, len(a.Data))}
	for i, axis := range axes {
		out.Shape[i] = a.Shape[axis]
	}
	at := make([]int, len(axes)) // index into out
	for i := range out.Data {
		from := 0
		for j, axis := range axes {
			from += at[j] * stride[axis]
		}
		out.Data[i] = a.Data[from]
		for j := len(at) - 1; j >= 0; j-- {
			if at[j]++; at[j] < out.Shape[j] {
				break
			}
			at[j] = 0
		}
	}
	return out
}

// Reshape returns the same values under another shape; the two share memory. It panics if the sizes differ.
func (a Array) Reshape(shape ...int) Array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if n != len(a.Data) {
		panic(fmt.Sprintf("golden.Reshape: %v does not hold the %d values of %v", shape, len(a.Data), a.Shape))
	}
	return Array{Shape: slices.Clone(shape), Data: a.Data}
}

// NHWC turns images (N,C,H,W) into gander's (N,H,W,C).
func (a Array) NHWC() Array { return a.Permute(0, 2, 3, 1) }

// NLC turns sequences (N,C,L), as PyTorch's 1-D convolution and pooling have them, into gander's (N,L,C).
func (a Array) NLC() Array { return a.Permute(0, 2, 1) }

// HWIO turns a convolution kernel (O,I/g,KH,KW) into gander's (KH,KW,I/g,O).
func (a Array) HWIO() Array { return a.Permute(2, 3, 1, 0) }

// TransposedHWIO turns the kernel (I,O/g,KH,KW) of a transposed convolution with I inputs and O outputs into gander's
// (KH,KW,O/g,I): the kernel, in HWIO, of the convolution from O to I channels that it is the adjoint of. PyTorch stores that
// same kernel, so the permutation is HWIO's.
func (a Array) TransposedHWIO() Array { return a.HWIO() }

// KIO turns a 1-D convolution kernel (O,I,K) into gander's (K,I,O).
func (a Array) KIO() Array { return a.Permute(2, 1, 0) }

// InOut turns a linear weight (out,in) into gander's (in,out). Recurrent weights have the same form, gate blocks along out.
func (a Array) InOut() Array { return a.Permute(1, 0) }

// InOutImage turns the weight (out,C·H·W) of a linear layer over a flattened image into gander's (H·W·C,out), for an image
// flattened channels last. It panics if a row does not hold C·H·W weights.
func (a Array) InOutImage(c, h, w int) Array {
	out := a.Shape[0]
	return a.Reshape(out, c, h, w).Permute(2, 3, 1, 0).Reshape(h*w*c, out)
}
