package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Init fills a weight with starting values.
//
// Weights have their receiving units on the last axis: (in, out) for linear layers, (KH,KW,Cin/g,Cout) for convolutions.
// A transposed convolution stores the kernel of the convolution it is the adjoint of, (KH,KW,Cout/g,Cin), and is
// initialised as that one, which is PyTorch's rule too.
type Init func(w *tensor.Tensor, rng *rand.Rand)

// Fans returns how many inputs a unit of a weight of the given shape has and how many units an input reaches: the
// product of all sizes but the last, and of all but the last but one.
func Fans(shape []int) (in, out int) {
	if len(shape) < 2 {
		panic("nn.Fans: want a weight of two axes or more, got " + tensor.Format(shape))
	}
	in, out = 1, shape[len(shape)-1]
	for i, n := range shape[:len(shape)-1] {
		in *= n
		if i < len(shape)-2 {
			out *= n
		}
	}
	return in, out
}

// TorchUniform draws from the uniform distribution on ±1/√fan_in. It is what layers use when nothing else is said, as
// in Torch and PyTorch.
func TorchUniform(w *tensor.Tensor, rng *rand.Rand) {
	in, _ := Fans(w.Shape())
	fillUniform(w, 1/math.Sqrt(float64(in)), rng)
}

// HeNormal draws from N(0, 2/fan_in), which keeps the scale of activations through layers with ReLU. For a leaky ReLU
// of slope a, scale it by 1/√(1+a²). He et al. 2015, eq. 10.
func HeNormal(w *tensor.Tensor, rng *rand.Rand) {
	in, _ := Fans(w.Shape())
	fillNormal(w, math.Sqrt(2/float64(in)), rng)
}

// HeUniform is [HeNormal] with a uniform distribution of the same variance.
func HeUniform(w *tensor.Tensor, rng *rand.Rand) {
	in, _ := Fans(w.Shape())
	fillUniform(w, math.Sqrt(6/float64(in)), rng)
}

// XavierNormal draws from N(0, 2/(fan_in+fan_out)). Glorot & Bengio 2010, §4.2.1.
func XavierNormal(w *tensor.Tensor, rng *rand.Rand) {
	in, out := Fans(w.Shape())
	fillNormal(w, math.Sqrt(2/float64(in+out)), rng)
}

// XavierUniform is [XavierNormal] with a uniform distribution of the same variance. Glorot & Bengio 2010, eq. 16.
func XavierUniform(w *tensor.Tensor, rng *rand.Rand) {
	in, out := Fans(w.Shape())
	fillUniform(w, math.Sqrt(6/float64(in+out)), rng)
}

// Normal draws from N(0, std²).
func Normal(std float64) Init {
	return func(w *tensor.Tensor, rng *rand.Rand) { fillNormal(w, std, rng) }
}

// Uniform draws from the uniform distribution on ±bound.
func Uniform(bound float64) Init {
	return func(w *tensor.Tensor, rng *rand.Rand) { fillUniform(w, bound, rng) }
}

// Constant sets every element to v.
func Constant(v float32) Init {
	return func(w *tensor.Tensor, _ *rand.Rand) { w.Fill(v) }
}

// Scaled multiplies what another Init gives by a gain.
func Scaled(gain float32, init Init) Init {
	return func(w *tensor.Tensor, rng *rand.Rand) {
		init(w, rng)
		tensor.AffineInto(w, w, gain, 0)
	}
}

// Orthogonal fills w, seen as a matrix with a column for each index of the last axis, with orthonormal columns, or
// orthonormal rows if there are more columns than rows. The matrix is uniformly distributed. Saxe et al. 2014.
func Orthogonal(w *tensor.Tensor, rng *rand.Rand) {
	rows, _ := Fans(w.Shape())
	cols := w.Dim(-1)
	n, k := max(rows, cols), min(rows, cols)
	// k vectors of length n, made orthonormal one after the other: modified Gram-Schmidt, each vector twice, which is
	// exact to rounding. Normal draws and positive lengths make the result uniform.
	q := make([][]float64, k)
	for i := range q {
		q[i] = make([]float64, n)
		for norm := 0.0; norm < 1e-6; {
			for j := range q[i] {
				q[i][j] = rng.NormFloat64()
			}
			for range 2 {
				for _, p := range q[:i] {
					d := dot64(p, q[i])
					for j := range p {
						q[i][j] -= d * p[j]
					}
				}
			}
			norm = math.Sqrt(dot64(q[i], q[i]))
			for j := range q[i] {
				q[i][j] /= norm
			}
		}
	}
	data := w.Data()
	for r := range rows {
		for c := range cols {
			if rows >= cols {
				data[r*cols+c] = float32(q[c][r])
			} else {
				data[r*cols+c] = float32(q[r][c])
			}
		}
	}
}

// ICNR makes the r² channels of a convolution that a pixel shuffle of factor r puts side by side start equal, so that
// the network begins as a nearest-neighbour enlargement, without a checkerboard. init fills the kernels that are
// repeated. Aitken et al. 2017, §3.1.
func ICNR(r int, init Init) Init {
	return func(w *tensor.Tensor, rng *rand.Rand) {
		shape := w.Shape()
		out := shape[len(shape)-1]
		if r < 1 || out%(r*r) != 0 {
			panic(fmt.Sprintf("nn.ICNR: %d channels cannot be shuffled by a factor of %d", out, r))
		}
		small := append([]int{}, shape...)
		small[len(small)-1] = out / (r * r)
		kernels := tensor.New(small...)
		init(kernels, rng)
		from, to := kernels.Data(), w.Data()
		for i := range to {
			to[i] = from[i/(r*r)] // channel c·r²+i·r+j takes kernel c
		}
	}
}

// InitDCGAN fills a network by the rule of DCGAN's code: weights of convolutions and transposed convolutions from
// N(0, 0.02²), their biases 0; scales of batch norms from N(1, 0.02²), their shifts 0. Other layers, linear ones
// included, are left alone. Radford et al. 2016, §4.
func InitDCGAN(m any, rng *rand.Rand) {
	conv := func(weight, bias *autograd.Var) {
		fillNormal(weight.Value(), 0.02, rng)
		if bias != nil {
			bias.Value().Fill(0)
		}
	}
	Layers(m, func(layer any) {
		switch l := layer.(type) {
		case *Conv1D:
			conv(l.Weight, l.Bias)
		case *Conv2D:
			conv(l.Weight, l.Bias)
		case *ConvTranspose2D:
			conv(l.Weight, l.Bias)
		case *BatchNorm2D:
			if l.Weight != nil {
				fillNormal(l.Weight.Value(), 0.02, rng)
				tensor.AffineInto(l.Weight.Value(), l.Weight.Value(), 1, 1)
				l.Bias.Value().Fill(0)
			}
		}
	})
}

// newWeight returns a parameter of the given shape; no Init means the usual one.
func newWeight(init Init, rng *rand.Rand, shape ...int) *autograd.Var {
	w := tensor.New(shape...)
	if init == nil {
		init = TorchUniform
	}
	init(w, rng)
	return autograd.Const(w)
}

// newBias returns n biases of a layer with the given weight: uniform on ±1/√fan_in as its weight, or zero if the weight
// has an Init of its own.
func newBias(init Init, rng *rand.Rand, n int, weight *autograd.Var) *autograd.Var {
	b := tensor.New(n)
	if init == nil {
		in, _ := Fans(weight.Shape())
		fillUniform(b, 1/math.Sqrt(float64(in)), rng)
	}
	return autograd.Const(b)
}

func fillNormal(w *tensor.Tensor, std float64, rng *rand.Rand) {
	tensor.RandNInto(w, rng)
	tensor.AffineInto(w, w, float32(std), 0)
}

func fillUniform(w *tensor.Tensor, bound float64, rng *rand.Rand) {
	tensor.RandUInto(w, rng, float32(-bound), float32(bound))
}

func dot64(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
