package nn

import (
	"reflect"

	"github.com/gander-ml/gander/tensor"
)

// Layout says how checkpoints store a tensor, in PyTorch's axis order, when memory holds it in another. The tensor is
// viewed as View, its axes are permuted so that axis i of the result is axis Perm[i] of the view, and the result is
// viewed as Disk. The zero value stores it as it is.
type Layout struct {
	View, Perm, Disk []int
}

// DiskLayouter is implemented by layers whose tensors are stored in another order than they are used in. field is the
// tag of the tensor's field, with the index in place of an asterisk.
type DiskLayouter interface {
	DiskLayout(field string) Layout
}

// IsZero reports whether the layout stores a tensor as it is.
func (l Layout) IsZero() bool { return l.Perm == nil }

// DiskShape returns the shape that a tensor of the given shape has in a checkpoint.
func (l Layout) DiskShape(shape []int) []int {
	if l.IsZero() {
		return shape
	}
	return l.Disk
}

// ToDisk returns t as a checkpoint stores it.
func (l Layout) ToDisk(t *tensor.Tensor) *tensor.Tensor {
	if l.IsZero() {
		return t
	}
	return tensor.Permute(t.Reshape(l.View...), l.Perm...).Reshape(l.Disk...)
}

// FromDisk returns the tensor, of the shape that memory wants, that a checkpoint stores as t.
func (l Layout) FromDisk(t *tensor.Tensor, shape []int) *tensor.Tensor {
	if l.IsZero() {
		return t
	}
	inverse := make([]int, len(l.Perm))
	permuted := make([]int, len(l.Perm))
	for i, p := range l.Perm {
		inverse[p] = i
		permuted[i] = l.View[p]
	}
	return tensor.Permute(t.Reshape(permuted...), inverse...).Reshape(shape...)
}

func layouter(v reflect.Value) DiskLayouter {
	if v.CanAddr() && v.Addr().CanInterface() {
		if l, ok := v.Addr().Interface().(DiskLayouter); ok {
			return l
		}
	}
	if v.CanInterface() {
		if l, ok := v.Interface().(DiskLayouter); ok {
			return l
		}
	}
	return nil
}
