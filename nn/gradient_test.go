package nn_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/autograd/gradtest"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
)

// scalar is an array of rank 0.
func scalar(v float64) tensortest.Array {
	a := tensortest.Zeros()
	a.Data[0] = v
	return a
}

// normalised returns x, γ and β put together, where group says which elements of x share statistics.
func normalised(eps float64, group func(i int) int) func(in ...tensortest.Array) tensortest.Array {
	return func(in ...tensortest.Array) tensortest.Array {
		x, gamma, beta := in[0].Data, in[1].Data, in[2].Data
		mean, square, count := map[int]float64{}, map[int]float64{}, map[int]float64{}
		for i, v := range x {
			mean[group(i)] += v
			count[group(i)]++
		}
		for i, v := range x {
			d := v - mean[group(i)]/count[group(i)]
			square[group(i)] += d * d
		}
		y := tensortest.Zeros(in[0].Shape...)
		for i, v := range x {
			k, c := group(i), i%len(gamma)
			y.Data[i] = (v-mean[k]/count[k])/math.Sqrt(square[k]/count[k]+eps)*gamma[c] + beta[c]
		}
		return y
	}
}

func TestNormDerivatives(t *testing.T) {
	const n, h, w, c, eps = 2, 3, 2, 4, 1e-3
	rng := newRand()
	in := []*tensor.Tensor{tensor.RandN(rng, n, h, w, c), tensor.RandN(rng, c), tensor.RandN(rng, c)}
	sample := func(i int) int { return i / (h * w * c) }
	with := func(layer func(gamma, beta *autograd.Var) func(x *autograd.Var) *autograd.Var) func(in ...*autograd.Var) *autograd.Var {
		return func(in ...*autograd.Var) *autograd.Var { return layer(in[1], in[2])(in[0]) }
	}
	for _, c := range []gradtest.Case{
		{
			Name: "BatchNorm2D", Ref: normalised(eps, func(i int) int { return i % c }),
			F: with(func(gamma, beta *autograd.Var) func(*autograd.Var) *autograd.Var {
				l := nn.NewBatchNorm2D(c, nn.BatchNormOptions{Eps: eps})
				l.Weight, l.Bias = gamma, beta
				return func(x *autograd.Var) *autograd.Var { return l.Forward(x, &nn.Pass{Train: true}) }
			}),
		},
		{
			Name: "InstanceNorm2D", Ref: normalised(eps, func(i int) int { return sample(i)*c + i%c }),
			F: with(func(gamma, beta *autograd.Var) func(*autograd.Var) *autograd.Var {
				return (&nn.InstanceNorm2D{Weight: gamma, Bias: beta, Channels: c, Eps: eps}).Forward
			}),
		},
		{
			Name: "LayerNorm", Ref: normalised(eps, func(i int) int { return i / c }),
			F: with(func(gamma, beta *autograd.Var) func(*autograd.Var) *autograd.Var {
				return (&nn.LayerNorm{Weight: gamma, Bias: beta, Channels: c, Eps: eps}).Forward
			}),
		},
		{
			Name: "GroupNorm", Ref: normalised(eps, func(i int) int { return sample(i)*2 + i%c/2 }),
			F: with(func(gamma, beta *autograd.Var) func(*autograd.Var) *autograd.Var {
				return (&nn.GroupNorm{Weight: gamma, Bias: beta, Groups: 2, Channels: c, Eps: eps}).Forward
			}),
		},
	} {
		t.Run(c.Name, func(t *testing.T) {
			c.In = in
			gradtest.Check(t, c)
		})
	}
}

// gatesRef is x·W + b, all gates side by side.
func gatesRef(x, w, b []float64, g int) []float64 {
	out := make([]float64, g)
	for j := range out {
		out[j] = b[j]
		for i, v := range x {
			out[j] += v * w[i*g+j]
		}
	}
	return out
}

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

func lstmCellRef(in ...tensortest.Array) tensortest.Array {
	n, hidden := in[1].Shape[0], in[1].Shape[1]
	inputs := in[0].Shape[1]
	y := tensortest.Zeros(n, 2*hidden)
	for r := range n {
		a := gatesRef(in[0].Data[r*inputs:][:inputs], in[3].Data, in[5].Data, 4*hidden)
		b := gatesRef(in[1].Data[r*hidden:][:hidden], in[4].Data, in[6].Data, 4*hidden)
		for k := range hidden {
			gate := func(i int) float64 { return a[i*hidden+k] + b[i*hidden+k] }
			c := sigmoid(gate(1))*in[2].Data[r*hidden+k] + sigmoid(gate(0))*math.Tanh(gate(2))
			y.Data[r*2*hidden+k] = sigmoid(gate(3)) * math.Tanh(c)
			y.Data[r*2*hidden+hidden+k] = c
		}
	}
	return y
}

func gruCellRef(in ...tensortest.Array) tensortest.Array {
	n, hidden := in[1].Shape[0], in[1].Shape[1]
	inputs := in[0].Shape[1]
	y := tensortest.Zeros(n, hidden)
	for r := range n {
		a := gatesRef(in[0].Data[r*inputs:][:inputs], in[2].Data, in[4].Data, 3*hidden)
		b := gatesRef(in[1].Data[r*hidden:][:hidden], in[3].Data, in[5].Data, 3*hidden)
		for k := range hidden {
			reset, update := sigmoid(a[k]+b[k]), sigmoid(a[hidden+k]+b[hidden+k])
			candidate := math.Tanh(a[2*hidden+k] + reset*b[2*hidden+k])
			y.Data[r*hidden+k] = (1-update)*candidate + update*in[1].Data[r*hidden+k]
		}
	}
	return y
}

func TestCellDerivatives(t *testing.T) {
	rng := newRand()
	const n, in, hidden = 2, 3, 2
	draw := func(shape ...int) *tensor.Tensor { return tensor.Affine(tensor.RandN(rng, shape...), 0.6, 0) }
	gradtest.Check(t, gradtest.Case{
		Name: "LSTMCell", Ref: lstmCellRef,
		In: []*tensor.Tensor{draw(n, in), draw(n, hidden), draw(n, hidden), draw(in, 4*hidden), draw(hidden, 4*hidden), draw(4 * hidden), draw(4 * hidden)},
		F: func(v ...*autograd.Var) *autograd.Var {
			cell := &nn.LSTMCell{CellWeights: nn.CellWeights{WeightIH: v[3], WeightHH: v[4], BiasIH: v[5], BiasHH: v[6]}}
			h, c := cell.Forward(v[0], v[1], v[2])
			return autograd.Concat(1, h, c)
		},
	})
	gradtest.Check(t, gradtest.Case{
		Name: "GRUCell", Ref: gruCellRef,
		In: []*tensor.Tensor{draw(n, in), draw(n, hidden), draw(in, 3*hidden), draw(hidden, 3*hidden), draw(3 * hidden), draw(3 * hidden)},
		F: func(v ...*autograd.Var) *autograd.Var {
			cell := &nn.GRUCell{CellWeights: nn.CellWeights{WeightIH: v[2], WeightHH: v[3], BiasIH: v[4], BiasHH: v[5]}}
			return cell.Forward(v[0], v[1])
		},
	})
}

func TestLossDerivatives(t *testing.T) {
	rng := newRand()
	x, y := tensor.RandN(rng, 3, 4), tensor.RandN(rng, 3, 4)
	labels := []int{2, 0, 3}
	mean := func(f func(a, b float64) float64) func(in ...tensortest.Array) tensortest.Array {
		return func(in ...tensortest.Array) tensortest.Array {
			s := 0.0
			for i, a := range in[0].Data {
				s += f(a, in[1].Data[i])
			}
			return scalar(s / float64(len(in[0].Data)))
		}
	}
	softplus := func(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }
	for _, c := range []gradtest.Case{
		{
			Name: "MSE", In: []*tensor.Tensor{x, y},
			F:   func(in ...*autograd.Var) *autograd.Var { return nn.MSE(in[0], in[1]) },
			Ref: mean(func(a, b float64) float64 { return (a - b) * (a - b) }),
		},
		{
			Name: "Charbonnier", In: []*tensor.Tensor{x, y},
			F:   func(in ...*autograd.Var) *autograd.Var { return nn.Charbonnier(in[0], in[1], 0.5) },
			Ref: mean(func(a, b float64) float64 { return math.Sqrt((a-b)*(a-b) + 0.25) }),
		},
		{
			Name: "BCEWithLogits, targets too", In: []*tensor.Tensor{x, tensor.Sigmoid(y)},
			F:   func(in ...*autograd.Var) *autograd.Var { return nn.BCEWithLogits(in[0], in[1], nil) },
			Ref: mean(func(a, t float64) float64 { return t*softplus(-a) + (1-t)*softplus(a) }),
		},
		{
			Name: "CrossEntropy", In: []*tensor.Tensor{x},
			F: func(in ...*autograd.Var) *autograd.Var { return nn.CrossEntropy(in[0], labels) },
			Ref: func(in ...tensortest.Array) tensortest.Array {
				s := 0.0
				for r, l := range labels {
					sum := 0.0
					for _, v := range in[0].Data[4*r : 4*r+4] {
						sum += math.Exp(v)
					}
					s += math.Log(sum) - in[0].Data[4*r+l]
				}
				return scalar(s / 3)
			},
		},
		{
			Name: "TV", In: []*tensor.Tensor{tensor.RandN(rng, 1, 3, 3, 2)},
			F: func(in ...*autograd.Var) *autograd.Var { return nn.TV(in[0]) },
			Ref: func(in ...tensortest.Array) tensortest.Array {
				s := in[0].Shape
				return scalar(tvRef(in[0].Data, s[0], s[1], s[2], s[3]))
			},
			Order: 1,
		},
	} {
		t.Run(c.Name, func(t *testing.T) { gradtest.Check(t, c) })
	}
}
