package pth

import (
	"errors"
	"fmt"
	"math"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
	"github.com/gander-ml/gander/nn/checkpoint/internal/pickle"
)

// maxRank is more axes than PyTorch allows.
const maxRank = 64

// Tensor is a tensor of a file: a view of a storage, which several may share.
type Tensor struct {
	Name    string
	DType   dtype.DType
	Shape   []int
	stride  []int
	offset  int
	storage *storage
}

// finder returns the storage that a persistent id of the pickle speaks of.
type finder func(id storageID) (*storage, error)

type storageID struct {
	key    string
	format dtype.DType
	n      int
}

// newTensor checks the arguments of _rebuild_tensor or _rebuild_tensor_v2: storage, offset, size, stride, and others that do not matter.
func newTensor(args pickle.Tuple, find finder) (Tensor, error) {
	if len(args) < 4 {
		return Tensor{}, errors.New("malformed: too few arguments")
	}
	ref, ok := args[0].(pickle.Ref)
	if !ok {
		return Tensor{}, errors.New("malformed: no storage")
	}
	id, err := parseID(ref.ID)
	if err != nil {
		return Tensor{}, err
	}
	offset, err := size(args[1])
	if err != nil {
		return Tensor{}, err
	}
	shape, err := sizes(args[2])
	if err != nil {
		return Tensor{}, err
	}
	stride, err := sizes(args[3])
	if err != nil {
		return Tensor{}, err
	}
	t := Tensor{DType: id.format, Shape: shape, stride: stride, offset: offset}
	if err := t.checkView(id.n); err != nil {
		return t, err
	}
	t.storage, err = find(id)
	return t, err
}

// checkView checks that the view lies inside of a storage of n numbers.
func (t *Tensor) checkView(n int) error {
	count, ok := dtype.Elements(t.Shape)
	if !ok || count > math.MaxInt/8 || len(t.stride) != len(t.Shape) {
		return fmt.Errorf("impossible shape %v with strides %v", t.Shape, t.stride)
	}
	if count == 0 {
		return nil
	}
	last := t.offset
	for i, d := range t.Shape {
		step := t.stride[i]
		if d > 1 && step > 0 && (last >= n || d-1 > (n-1-last)/step) {
			last = n
			break
		}
		last += (d - 1) * step
	}
	if last >= n {
		return fmt.Errorf("shape %v with strides %v from %d on leaves its storage of %d numbers", t.Shape, t.stride, t.offset, n)
	}
	return nil
}

// parseID reads the tuple ("storage", type, key, device, numbers) of which older files have a sixth item: a view.
func parseID(v any) (storageID, error) {
	bad := errors.New("malformed: no storage")
	id, ok := v.(pickle.Tuple)
	if !ok || len(id) < 5 || len(id) > 6 || id[0] != "storage" {
		return storageID{}, bad
	}
	if len(id) == 6 && id[5] != nil {
		return storageID{}, errors.New("its storage is a view of another, as files of PyTorch before 0.4 have it; save it again with a newer version")
	}
	typ, ok1 := id[1].(pickle.Name)
	key, ok2 := id[2].(string)
	n, err := size(id[4])
	if !ok1 || !ok2 || typ.Module != "torch" || storageTypes[typ.Attr] == "" || err != nil {
		return storageID{}, bad
	}
	return storageID{key, storageTypes[typ.Attr], n}, nil
}

func size(v any) (int, error) {
	n, ok := v.(int64)
	if !ok || n < 0 || n > math.MaxInt/8 {
		return 0, fmt.Errorf("malformed: %v as a size", v)
	}
	return int(n), nil
}

func sizes(v any) ([]int, error) {
	if c, ok := v.(*pickle.Call); ok && c.Func == (pickle.Name{Module: "torch", Attr: "Size"}) {
		v = first(c.Args)
	}
	items, ok := v.(pickle.Tuple)
	if !ok || len(items) > maxRank {
		return nil, fmt.Errorf("malformed: %v as a shape", v)
	}
	out := make([]int, len(items))
	for i, x := range items {
		n, err := size(x)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

// contiguous reports whether the elements lie in row-major order without gaps.
func (t *Tensor) contiguous() bool {
	want := 1
	for i := len(t.Shape) - 1; i >= 0; i-- {
		if t.Shape[i] != 1 && t.stride[i] != want {
			return false
		}
		want *= t.Shape[i]
	}
	return true
}

func (t *Tensor) readInto(dst []float32) error {
	if n, _ := dtype.Elements(t.Shape); n != len(dst) {
		panic(fmt.Sprintf("pth.ReadInto: tensor %q has %d elements, not %d", t.Name, n, len(dst)))
	}
	if len(dst) == 0 {
		return nil
	}
	if err := t.storage.verify(); err != nil {
		return err
	}
	if t.contiguous() {
		return t.storage.decode(dst, t.offset)
	}
	last := t.offset
	for i, d := range t.Shape {
		last += (d - 1) * t.stride[i]
	}
	// The span is part of the file, so that its length is bounded by the file's.
	span := make([]float32, last-t.offset+1)
	if err := t.storage.decode(span, t.offset); err != nil {
		return err
	}
	index := make([]int, len(t.Shape))
	at := 0
	for i := range dst {
		dst[i] = span[at]
		for a := len(index) - 1; a >= 0; a-- {
			index[a]++
			at += t.stride[a]
			if index[a] < t.Shape[a] {
				break
			}
			at -= index[a] * t.stride[a]
			index[a] = 0
		}
	}
	return nil
}
