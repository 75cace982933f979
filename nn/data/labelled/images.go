package labelled

import (
	"fmt"
	"math"
	"slices"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Images is a data set of pictures of one size, in memory at 8 bits a channel. It implements data.Dataset[data.Example].
// Whoever fills the fields calls [Images.Check].
type Images struct {
	Height, Width, Channels int

	Pixels  []uint8  // picture by picture, row by row, channels last
	Labels  []int    // class of each picture, an index into Classes; nil if they have none
	Classes []string // names
}

// Len implements [data.Dataset].
func (m *Images) Len() int {
	if size := m.size(); size > 0 {
		return len(m.Pixels) / size
	}
	return 0
}

// At implements [data.Dataset]. Values are in [0, 1]; the class of pictures without labels is −1.
func (m *Images) At(i int) (data.Example, error) {
	x := tensor.New(m.Height, m.Width, m.Channels)
	m.read(x.Data(), i)
	return data.Example{Image: x, Class: m.Label(i)}, nil
}

// Label returns the class of picture i, −1 if it has none.
func (m *Images) Label(i int) int {
	if m.Labels == nil {
		return -1
	}
	return m.Labels[i]
}

// Block returns the pictures lo to hi−1, (hi−lo, H, W, C), with values in [0, 1]. It panics unless 0 ≤ lo ≤ hi ≤ Len. The
// error is always nil; it makes the method one of gan/metric's Images.
func (m *Images) Block(lo, hi int) (*tensor.Tensor, error) {
	m.wantRange("labelled.Images.Block", lo, hi)
	x := tensor.New(hi-lo, m.Height, m.Width, m.Channels)
	for i := range hi - lo {
		m.read(x.Rows(i, i+1).Data(), lo+i)
	}
	return x, nil
}

// Slice returns the pictures lo to hi−1 as a data set that shares memory with m. It panics unless 0 ≤ lo ≤ hi ≤ Len.
func (m *Images) Slice(lo, hi int) *Images {
	m.wantRange("labelled.Images.Slice", lo, hi)
	part := *m
	part.Pixels = m.Pixels[lo*m.size() : hi*m.size() : hi*m.size()]
	if m.Labels != nil {
		part.Labels = m.Labels[lo:hi:hi]
	}
	return &part
}

// Subset returns the pictures with the given indices, in their order, as a data set with memory of its own. It panics if
// there is no such picture.
func (m *Images) Subset(indices []int) *Images {
	part := *m
	size := m.size()
	part.Pixels = make([]uint8, 0, len(indices)*size)
	part.Labels = nil
	for _, i := range indices {
		m.wantRange("labelled.Images.Subset", i, i+1)
		part.Pixels = append(part.Pixels, m.Pixels[i*size:(i+1)*size]...)
		if m.Labels != nil {
			part.Labels = append(part.Labels, m.Labels[i])
		}
	}
	return &part
}

// OfClass returns the indices of the pictures of a class.
func (m *Images) OfClass(class int) []int {
	var out []int
	for i, l := range m.Labels {
		if l == class {
			out = append(out, i)
		}
	}
	return out
}

// Concat returns the pictures of several data sets one after the other. It is an error if their sizes, classes or names
// differ, or if only some have labels.
func Concat(sets ...*Images) (*Images, error) {
	if len(sets) == 0 {
		return nil, fmt.Errorf("labelled: no data sets to join")
	}
	first := sets[0]
	out := *first
	out.Pixels, out.Labels = nil, nil
	for _, s := range sets {
		switch {
		case s.Height != first.Height || s.Width != first.Width || s.Channels != first.Channels:
			return nil, fmt.Errorf("labelled: pictures of %d×%d×%d and of %d×%d×%d cannot be one data set",
				first.Height, first.Width, first.Channels, s.Height, s.Width, s.Channels)
		case !slices.Equal(s.Classes, first.Classes) || (s.Labels == nil) != (first.Labels == nil):
			return nil, fmt.Errorf("labelled: data sets with other classes cannot be one data set")
		}
		out.Pixels = append(out.Pixels, s.Pixels...)
		out.Labels = append(out.Labels, s.Labels...)
	}
	return &out, nil
}

// Check returns an error unless the sizes are positive, the pixels are those of whole pictures, and either no picture has
// a label or each has one that names a class.
func (m *Images) Check() error {
	if m.Height < 1 || m.Width < 1 || m.Channels < 1 {
		return fmt.Errorf("labelled: pictures of %d×%d pixels and %d channels", m.Width, m.Height, m.Channels)
	}
	if m.Width > math.MaxInt32/m.Height || m.Channels > math.MaxInt16 || m.Channels > math.MaxInt/(m.Height*m.Width) ||
		len(m.Pixels)%m.size() != 0 {
		return fmt.Errorf("labelled: %d bytes are not whole pictures of %d×%d pixels and %d channels",
			len(m.Pixels), m.Width, m.Height, m.Channels)
	}
	if m.Labels == nil {
		return nil
	}
	if len(m.Labels) != m.Len() {
		return fmt.Errorf("labelled: %d labels for %d pictures", len(m.Labels), m.Len())
	}
	for i, l := range m.Labels {
		if l < 0 || l >= len(m.Classes) {
			return fmt.Errorf("labelled: picture %d has label %d; there are %d classes", i, l, len(m.Classes))
		}
	}
	return nil
}

func (m *Images) size() int { return m.Height * m.Width * m.Channels }

func (m *Images) read(dst []float32, i int) {
	size := m.size()
	for k, v := range m.Pixels[i*size : (i+1)*size] {
		dst[k] = unit[v]
	}
}

// unit is v/255.
var unit = func() (t [256]float32) {
	for v := range t {
		t[v] = float32(v) / 255
	}
	return t
}()

func (m *Images) wantRange(op string, lo, hi int) {
	if lo < 0 || hi < lo || hi > m.Len() {
		panic(fmt.Sprintf("%s: no pictures %d to %d among %d", op, lo, hi-1, m.Len()))
	}
}
