package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/tensor"
)

// Operations that move pixels, at the sizes of the middle of a generator. Rates are of the larger of input and output.
func BenchmarkPixels(b *testing.B) {
	x := tensor.RandN(newRand(), 16, 48, 48, 64)
	image := tensor.RandN(newRand(), 16, 96, 96, 3)
	two, reduce := tensor.PoolAll(2, 2, 0), tensor.NewBurtReduce(48, 48, tensor.BurtA)
	large, half, arg := zeros(16, 96, 96, 64), zeros(16, 24, 24, 64), zeros(16, 24, 24, 64)
	shuffled, small, joined := zeros(16, 96, 96, 16), zeros(16, 24, 24, 3), zeros(16, 48, 48, 128)
	for _, c := range []struct {
		name string
		big  tsr
		run  func()
	}{
		{"Nearest2", large, func() { tensor.ResizeInto(large, x, tensor.Nearest) }},
		{"Bilinear2", large, func() { tensor.ResizeInto(large, x, tensor.Bilinear) }},
		{"BicubicQuarter", image, func() { tensor.ResizeInto(small, image, tensor.Bicubic) }},
		{"BurtReduce", x, func() { reduce.ApplyInto(half, x) }},
		{"MaxPool", x, func() { tensor.MaxPool2DInto(half, arg, x, two) }},
		{"MaxPoolGradient", x, func() { tensor.PoolPutInto(x, half, arg, two) }},
		{"AvgPool", x, func() { tensor.NewAvgPool(48, 48, two).ApplyInto(half, x) }},
		{"PixelShuffle", x, func() { tensor.PixelShuffleInto(shuffled, x, 2) }},
		{"PixelUnshuffle", x, func() { tensor.PixelUnshuffleInto(x, shuffled, 2) }},
		{"ConcatChannels", joined, func() { tensor.ConcatInto(joined, 3, x, x) }},
		{"Softmax", x, func() { tensor.SoftmaxInto(x, x) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(4 * int64(c.big.Len()))
			for b.Loop() {
				c.run()
			}
		})
	}
}
