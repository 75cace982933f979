package autograd_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
)

func imageRows() []row {
	rng := rand.New(rand.NewPCG(7, 1))
	x := normal(rng, 2, 4, 5, 2)
	rows := []row{
		linearRow("Crop2D", x, func(x vr) vr { return autograd.Crop2D(x, 1, 2, 2, 3) }, func(x arr) arr {
			return tensortest.Build([]int{2, 2, 3, 2}, func(i []int) float64 { return x.At(i[0], i[1]+1, i[2]+2, i[3]) })
		}),
		linearRow("GlobalAvgPool", x, autograd.GlobalAvgPool, func(x arr) arr {
			return tensortest.Map(tensortest.Sum(x, 1, 2), func(v float64) float64 { return v / 20 })
		}),
		linearRow("AdaptiveAvgPool2D", x, func(x vr) vr { return autograd.AdaptiveAvgPool2D(x, 3, 2) }, func(x arr) arr {
			rows := arr{Shape: []int{3, 4}, Data: []float64{.5, .5, 0, 0, 0, .5, .5, 0, 0, 0, .5, .5}}
			third := 1.0 / 3
			cols := arr{Shape: []int{2, 5}, Data: []float64{third, third, third, 0, 0, 0, 0, third, third, third}}
			return tensortest.Separable(x, rows, cols)
		}),
		linearRow("MaxPool1D", distinct(rng, 2, 7, 2), func(x vr) vr {
			return autograd.MaxPool1D(x, tensor.Pool1DSpec{K: 3, Stride: 2, Pad: 1})
		}, pool1DRef(tensor.PoolSpec{KH: 1, KW: 3, StrideW: 2, PadW: 1}, false)),
		linearRow("AvgPool1D", normal(rng, 2, 7, 2), func(x vr) vr { return autograd.AvgPool1D(x, tensor.Pool1DSpec{K: 3}) },
			pool1DRef(tensor.PoolSpec{KH: 1, KW: 3}, true)),
		linearRow("PixelShuffle", normal(rng, 2, 2, 3, 8), func(x vr) vr { return autograd.PixelShuffle(x, 2) },
			func(x arr) arr {
				return tensortest.Build([]int{2, 4, 6, 2}, func(i []int) float64 {
					return x.At(i[0], i[1]/2, i[2]/2, i[3]*4+i[1]%2*2+i[2]%2)
				})
			}),
		linearRow("PixelUnshuffle", normal(rng, 2, 3, 6, 1), func(x vr) vr { return autograd.PixelUnshuffle(x, 3) },
			func(x arr) arr {
				return tensortest.Build([]int{2, 1, 2, 9}, func(i []int) float64 {
					return x.At(i[0], i[1]*3+i[3]/3, i[2]*3+i[3]%3, 0)
				})
			}),
		linearRow("Resample", x, func(x vr) vr { return autograd.Resample(x, tensor.NewBurtReduce(4, 5, tensor.BurtA)) },
			func(x arr) arr {
				rows := arr{Shape: []int{2, 4}, Data: []float64{.4, .5, .1, 0, .05, .25, .45, .25}}
				cols := arr{Shape: []int{3, 5}, Data: []float64{.4, .5, .1, 0, 0, .05, .25, .4, .25, .05, 0, 0, .1, .5, .4}}
				return tensortest.Separable(x, rows, cols)
			}),
		linearRow("ResizeScale", x, func(x vr) vr { return autograd.ResizeScale(x, 0.3, tensor.Bicubic) }, func(x arr) arr {
			return tensortest.Separable(x, tensortest.ResizeMatrix(tensor.Bicubic, 4, 2, 0.3),
				tensortest.ResizeMatrix(tensor.Bicubic, 5, 2, 0.3))
		}),
	}
	for m := tensor.Bicubic; m <= tensor.Box; m++ {
		for _, size := range [][2]int{{4, 5}, {2, 10}, {7, 3}} {
			rows = append(rows, linearRow(fmt.Sprintf("Resize %v %v", m, size), x,
				func(x vr) vr { return autograd.Resize(x, size[0], size[1], m) },
				func(x arr) arr {
					return tensortest.Separable(x, tensortest.ResizeMatrix(m, 4, size[0], float64(size[0])/4),
						tensortest.ResizeMatrix(m, 5, size[1], float64(size[1])/5))
				}))
		}
	}
	for _, spec := range []tensor.PadSpec{
		tensor.PadAll(2, tensor.PadZero), tensor.PadAll(2, tensor.PadReflect), tensor.PadAll(2, tensor.PadReplicate),
		{T: 1, L: 3, Mode: tensor.PadReflect}, {B: 3, R: 2, T: -1, Mode: tensor.PadReflect}, {T: 5, B: 1, L: 1, R: 6, Mode: tensor.PadReplicate},
		{T: -1, B: 2, L: -2, R: -3}, {T: -1, L: 2, R: -1, Mode: tensor.PadReplicate},
	} {
		rows = append(rows, linearRow(fmt.Sprintf("Pad2D %+v", spec), x, func(x vr) vr { return autograd.Pad2D(x, spec) },
			func(x arr) arr { return tensortest.Pad2D(x, spec) }))
	}
	for _, spec := range poolSpecs {
		rows = append(rows,
			linearRow(fmt.Sprintf("MaxPool2D %+v", spec), distinct(rng, 2, 5, 6, 2), func(x vr) vr { return autograd.MaxPool2D(x, spec) },
				func(x arr) arr { return tensortest.Pool2D(x, spec, false) }),
			linearRow(fmt.Sprintf("AvgPool2D %+v", spec), normal(rng, 2, 5, 6, 2), func(x vr) vr { return autograd.AvgPool2D(x, spec) },
				func(x arr) arr { return tensortest.Pool2D(x, spec, true) }))
	}
	return rows
}

var poolSpecs = []tensor.PoolSpec{
	{KH: 2, KW: 2}, {KH: 2, KW: 3, Ceil: true}, {KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1},
	{KH: 3, KW: 2, StrideH: 1, StrideW: 1}, {KH: 3, KW: 3, StrideH: 2, StrideW: 2, Ceil: true, ExcludePad: true},
	{KH: 4, KW: 2, StrideH: 3, StrideW: 3, PadH: 2, PadW: 1, Ceil: true}, {KH: 2, KW: 2, PadH: 1, PadW: 1, ExcludePad: true},
	{KH: 1, KW: 1, StrideH: 2, StrideW: 3},
}

func pool1DRef(spec tensor.PoolSpec, average bool) func(arr) arr {
	return func(x arr) arr {
		y := tensortest.Pool2D(arr{Shape: []int{x.Shape[0], 1, x.Shape[1], x.Shape[2]}, Data: x.Data}, spec, average)
		return arr{Shape: []int{y.Shape[0], y.Shape[2], y.Shape[3]}, Data: y.Data}
	}
}
