package autograd_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor/tensortest"
)

func normRows() []row {
	rng := rand.New(rand.NewPCG(8, 1))
	const eps = 1e-2
	var rows []row
	for _, shape := range [][]int{{5, 2}, {2, 3, 2}, {2, 2, 3, 2}} {
		x, gamma, beta := normal(rng, shape...), normal(rng, 2), normal(rng, 2)
		whole := func(in ...vr) vr {
			y, _, _ := autograd.BatchNorm(in[0], in[1], in[2], eps)
			return y
		}
		rows = append(rows,
			row{fmt.Sprintf("BatchNorm %v", shape), ins(x, gamma, beta), whole, normRef(eps, false)},
			linearRow(fmt.Sprintf("BatchNorm %v without parameters", shape), x, func(x vr) vr {
				y, _, _ := autograd.BatchNorm(x, nil, nil, eps)
				return y
			}, func(x arr) arr { return normRef(eps, false)(x) }),
			row{fmt.Sprintf("ChannelAffine %v", shape), ins(x, gamma, beta),
				func(in ...vr) vr { return autograd.ChannelAffine(in[0], in[1], in[2]) },
				func(in ...arr) arr { return scaled(in[0], in[1:]) }})
		slope, skip := normal(rng, 2), normal(rng, shape...)
		prelu := func(x, slope arr) arr {
			return tensortest.Zip(x, slope, func(v, s float64) float64 { return math.Max(v, 0) + s*math.Min(v, 0) })
		}
		rows = append(rows,
			row{fmt.Sprintf("BatchNormThen %v a PReLU", shape), ins(x, gamma, beta, slope), func(in ...vr) vr {
				y, _, _ := autograd.BatchNormThen(in[0], in[1], in[2], eps, autograd.NormFinish{Slope: in[3]})
				return y
			}, func(in ...arr) arr { return prelu(normRef(eps, false)(in[:3]...), in[3]) }},
			row{fmt.Sprintf("BatchNormThen %v an addition", shape), ins(x, gamma, beta, skip), func(in ...vr) vr {
				y, _, _ := autograd.BatchNormThen(in[0], in[1], in[2], eps, autograd.NormFinish{Add: in[3]})
				return y
			}, func(in ...arr) arr {
				return tensortest.Zip(normRef(eps, false)(in[:3]...), in[3], func(a, b float64) float64 { return a + b })
			}})
		if len(shape) > 2 {
			rows = append(rows,
				row{fmt.Sprintf("InstanceNorm %v", shape), ins(x, gamma, beta),
					func(in ...vr) vr { return autograd.InstanceNorm(in[0], in[1], in[2], eps) }, normRef(eps, true)},
				row{fmt.Sprintf("InstanceNorm %v with a shift", shape), ins(x, beta),
					func(in ...vr) vr { return autograd.InstanceNorm(in[0], nil, in[1], eps) },
					func(in ...arr) arr {
						return tensortest.Zip(normRef(eps, true)(in[0]), in[1], func(a, b float64) float64 { return a + b })
					}})
		}
	}
	return rows
}

// normRef normalises each channel, of each sample or of all.
func normRef(eps float64, perSample bool) func(in ...arr) arr {
	return func(in ...arr) arr {
		x := in[0]
		stat := append([]int{}, x.Shape...)
		n := 1.0
		for k := range len(stat) - 1 {
			if k > 0 || !perSample {
				n *= float64(stat[k])
				stat[k] = 1
			}
		}
		mean := func(x arr) arr {
			m := tensortest.Zeros(stat...)
			tensortest.Each(x.Shape, func(i []int) {
				own := append([]int{}, i...)
				for k := range own {
					own[k] = min(own[k], stat[k]-1)
				}
				m.Add(x.At(i...)/n, own...)
			})
			return m
		}
		centred := tensortest.Zip(x, mean(x), func(a, b float64) float64 { return a - b })
		variance := mean(tensortest.Map(centred, func(v float64) float64 { return v * v }))
		return scaled(tensortest.Zip(centred, variance, func(a, v float64) float64 { return a / math.Sqrt(v+eps) }), in[1:])
	}
}

// scaled returns x·params[0] + params[1], or x if there are none.
func scaled(x arr, params []arr) arr {
	if len(params) == 0 {
		return x
	}
	y := tensortest.Zip(x, params[0], func(a, b float64) float64 { return a * b })
	return tensortest.Zip(y, params[1], func(a, b float64) float64 { return a + b })
}
