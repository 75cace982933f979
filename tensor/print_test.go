package tensor_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func ExampleTensor_String() {
	fmt.Println(tensor.Arange(6).Reshape(2, 3))
	fmt.Println(tensor.FromSlice([]float32{0.5, -12.25, 3}, 3))
	// Output:
	// [[0 1 2]
	//  [3 4 5]]
	// [  0.5000 -12.2500   3.0000]
}

func ExampleTensor_String_images() {
	fmt.Println(tensor.Arange(8).Reshape(2, 2, 2))
	// Output:
	// [[[0 1]
	//   [2 3]]
	//
	//  [[4 5]
	//   [6 7]]]
}

func ExampleTensor_String_large() {
	fmt.Println(tensor.Arange(60000).Reshape(200, 300))
	// Output:
	// [[    0     1     2 ...   297   298   299]
	//  [  300   301   302 ...   597   598   599]
	//  [  600   601   602 ...   897   898   899]
	//  ...
	//  [59100 59101 59102 ... 59397 59398 59399]
	//  [59400 59401 59402 ... 59697 59698 59699]
	//  [59700 59701 59702 ... 59997 59998 59999]] shape (200,300)
}

func TestString(t *testing.T) {
	for want, x := range map[string]tsr{
		"3.5000":                    tensor.Scalar(3.5),
		"-2":                        tensor.Scalar(-2),
		"[] shape (0)":              zeros(0),
		"[[]\n []] shape (2,0)":     zeros(2, 0),
		"[  1 NaN]":                 tensor.FromSlice([]float32{1, float32(nan)}, 2),
		"[+Inf -Inf]":               tensor.FromSlice([]float32{float32(inf), float32(-inf)}, 2),
		"[1.0000e+10 1.5000e+00]":   tensor.FromSlice([]float32{1e10, 1.5}, 2),
		"[1.0000e-05 5.0000e-01]":   tensor.FromSlice([]float32{1e-5, 0.5}, 2),
		"[3.4028e+38]":              tensor.FromSlice([]float32{math.MaxFloat32}, 1),
		"[[1]\n [2]]":               tensor.FromSlice([]float32{1, 2}, 2, 1),
		"[ 0.1000  0.0000 99.5000]": tensor.FromSlice([]float32{0.1, 0, 99.5}, 3),
	} {
		require.Equal(t, want, x.String())
	}
}

func TestStringIsShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := append(drawShape(t, 0, 3), rapid.IntRange(0, 3000).Draw(t, "last"))
		text := drawTensor(t, shape...).String()
		require.Less(t, len(text), 40000)
		require.Equal(t, strings.Count(text, "["), strings.Count(text, "]"))
	})
}
