package golden

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// at reads the element at an index.
func (a Array) at(index ...int) float64 {
	i := 0
	for axis, d := range a.Shape {
		i = i*d + index[axis]
	}
	return float64(a.Data[i])
}

func TestPermute(t *testing.T) {
	a := Array{Shape: []int{2, 3}, Data: []float32{0, 1, 2, 3, 4, 5}}
	require.Equal(t, Array{Shape: []int{3, 2}, Data: []float32{0, 3, 1, 4, 2, 5}}, a.Permute(1, 0))
	require.Equal(t, a, a.Permute(0, 1))
	require.Equal(t, Array{Shape: []int{}, Data: []float32{7}}, Array{Shape: []int{}, Data: []float32{7}}.Permute())

	b := Array{Shape: []int{2, 3, 4, 5}, Data: make([]float32, 120)}
	for i := range b.Data {
		b.Data[i] = float32(i)
	}
	p := b.Permute(2, 0, 3, 1)
	require.Equal(t, []int{4, 2, 5, 3}, p.Shape)
	for i := range 2 {
		for j := range 3 {
			for k := range 4 {
				for l := range 5 {
					require.Equal(t, b.at(i, j, k, l), p.at(k, i, l, j))
				}
			}
		}
	}
	require.PanicsWithValue(t, "golden.Permute: [0 0] is not a permutation", func() { a.Permute(0, 0) })
	require.PanicsWithValue(t, "golden.Permute: want 2 axes for shape [2 3], got [0]", func() { a.Permute(0) })
	require.PanicsWithValue(t, "golden.Reshape: [4 2] does not hold the 6 values of [2 3]", func() { a.Reshape(4, 2) })
}

func TestInOutImage(t *testing.T) {
	a := Array{Shape: []int{1, 8}, Data: []float32{0, 1, 2, 3, 10, 11, 12, 13}} // two channels of 2×2
	got := a.InOutImage(2, 2, 2)
	require.Equal(t, Array{Shape: []int{8, 1}, Data: []float32{0, 10, 1, 11, 2, 12, 3, 13}}, got)
}

// setting decodes one of a case's settings, which is a number or a (height, width) pair.
func setting(t *testing.T, name, key string) [2]int {
	text, ok := Meta(name)[key]
	require.True(t, ok, "%s has no %s", name, key)
	var pair [2]int
	if !strings.HasPrefix(text, "[") {
		text = "[" + text + "," + text + "]"
	}
	require.NoError(t, json.Unmarshal([]byte(text), &pair), "%s %s", name, key)
	return pair
}

// reflect101 mirrors an index at the borders without repeating the border itself.
func reflect101(i, n int) int {
	if i < 0 {
		return -i
	}
	if i >= n {
		return 2*n - 2 - i
	}
	return i
}

// The recorded convolutions agree with the definition, computed in gander's layouts.
func TestConvolutionsAgreeWithTheDefinition(t *testing.T) {
	for _, name := range Names() {
		if !strings.HasPrefix(name, "conv2d_") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			stride, pad := setting(t, name, "stride"), setting(t, name, "pad")
			dilation, groups := setting(t, name, "dilation"), setting(t, name, "groups")[0]
			reflect := Meta(name)["pad_mode"] == "reflect"
			c := Load(name)
			x, w, b, want := c["x"].NHWC(), c["w"].HWIO(), c["b"], c["y"].NHWC()
			perGroup := w.Shape[3] / groups
			want.each(func(i []int) {
				n, oh, ow, o := i[0], i[1], i[2], i[3]
				sum := b.at(o)
				for kh := range w.Shape[0] {
					for kw := range w.Shape[1] {
						ih, iw := oh*stride[0]-pad[0]+kh*dilation[0], ow*stride[1]-pad[1]+kw*dilation[1]
						if reflect {
							ih, iw = reflect101(ih, x.Shape[1]), reflect101(iw, x.Shape[2])
						}
						if ih < 0 || iw < 0 || ih >= x.Shape[1] || iw >= x.Shape[2] {
							continue
						}
						for in := range w.Shape[2] {
							sum += x.at(n, ih, iw, o/perGroup*w.Shape[2]+in) * w.at(kh, kw, in, o)
						}
					}
				}
				requireRounded(t, sum, want.at(i...))
			})
		})
	}
}

// The recorded transposed convolutions scatter each input over the output, through the kernel in gander's layout.
func TestTransposedConvolutionsAgreeWithTheDefinition(t *testing.T) {
	for _, name := range Names() {
		if !strings.HasPrefix(name, "conv_transpose2d_") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			stride, pad := setting(t, name, "stride")[0], setting(t, name, "pad")[0]
			groups := setting(t, name, "groups")[0]
			c := Load(name)
			x, w, b, want := c["x"].NHWC(), c["w"].TransposedHWIO(), c["b"], c["y"].NHWC()
			perGroup := w.Shape[3] / groups
			got := make([]float64, len(want.Data))
			place := func(n, h, w, o int) int { return ((n*want.Shape[1]+h)*want.Shape[2]+w)*want.Shape[3] + o }
			want.each(func(i []int) { got[place(i[0], i[1], i[2], i[3])] = b.at(i[3]) })
			x.each(func(i []int) {
				for kh := range w.Shape[0] {
					for kw := range w.Shape[1] {
						oh, ow := i[1]*stride-pad+kh, i[2]*stride-pad+kw
						if oh < 0 || ow < 0 || oh >= want.Shape[1] || ow >= want.Shape[2] {
							continue
						}
						for o := range w.Shape[2] {
							got[place(i[0], oh, ow, i[3]/perGroup*w.Shape[2]+o)] += x.at(i...) * w.at(kh, kw, o, i[3])
						}
					}
				}
			})
			for i, sum := range got {
				requireRounded(t, sum, float64(want.Data[i]))
			}
		})
	}
}

// Both convolutions are linear in x and, without the bias, in w: Σ grad.x⊙x = Σ grad.w⊙w = Σ grad.y⊙(y−b).
func TestGradientsOfLinearOperationsAreAdjoint(t *testing.T) {
	for _, name := range Names() {
		if !strings.HasPrefix(name, "conv") && name != "linear" {
			continue
		}
		c := Load(name)
		dot := func(a, b string) (sum float64) {
			for i, v := range c[a].Data {
				sum += float64(v) * float64(c[b].Data[i])
			}
			return sum
		}
		want := dot("grad.y", "y") - dot("grad.b", "b")
		require.InDelta(t, want, dot("grad.x", "x"), 1e-4, name)
		require.InDelta(t, want, dot("grad.w", "w"), 1e-4, name)
	}
}

// each calls f with every index of a.
func (a Array) each(f func(index []int)) {
	for i := range a.Data {
		index := make([]int, len(a.Shape))
		for axis, rest := len(a.Shape)-1, i; axis >= 0; axis-- {
			index[axis] = rest % a.Shape[axis]
			rest /= a.Shape[axis]
		}
		f(index)
	}
}

// requireRounded asks that want be got rounded to float32, give or take one place in the last bit.
func requireRounded(t *testing.T, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > math.Abs(want)*0x1p-23+1e-12 {
		require.Failf(t, "not the rounded value", "got %v, want %v", got, want)
	}
}
