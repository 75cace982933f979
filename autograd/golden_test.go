package autograd_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

func from(a golden.Array) *tensor.Tensor { return tensor.FromSlice(a.Data, a.Shape...) }

// requireNear allows for rounding relative to the largest element.
func requireNear(t *testing.T, want golden.Array, got *tensor.Tensor, tol float64) {
	t.Helper()
	largest := 1.0
	for _, v := range want.Data {
		largest = max(largest, math.Abs(float64(v)))
	}
	tensortest.Close(t, tensortest.From(from(want)), got, tol*largest)
}

// Gradients of single operations as PyTorch computes them.
func TestGradientsGolden(t *testing.T) {
	square := func(p int) tensor.ConvSpec { return tensor.ConvSpec{PadT: p, PadB: p, PadL: p, PadR: p} }
	strided := square(1)
	strided.StrideH, strided.StrideW = 2, 2
	dilated := square(2)
	dilated.DilH, dilated.DilW = 2, 2
	grouped := square(1)
	grouped.Groups = 2
	conv := func(spec tensor.ConvSpec) func(x, w, b vr) vr {
		return func(x, w, b vr) vr { return autograd.Add(autograd.Conv2D(x, w, spec), b) }
	}
	up := func(spec tensor.ConvSpec, out int) func(x, w, b vr) vr {
		return func(x, w, b vr) vr {
			s := tensor.ConvTransposeSpec{ConvSpec: spec, OutPadH: out, OutPadW: out}
			return autograd.Add(autograd.ConvTranspose2D(x, w, s), b)
		}
	}
	alone := func(f func(x vr) vr) func(x, w, b vr) vr { return func(x, _, _ vr) vr { return f(x) } }
	third := tensor.ConvSpec{StrideH: 3, StrideW: 3}
	groupedUp := strided
	groupedUp.Groups = 2
	for name, f := range map[string]func(x, w, b vr) vr{
		"conv2d_k3p1":                 conv(square(1)),
		"conv2d_k1":                   conv(square(0)),
		"conv2d_k4s2p1":               conv(strided),
		"conv2d_k9p4":                 conv(square(4)),
		"conv2d_dilation2":            conv(dilated),
		"conv2d_groups2":              conv(grouped),
		"conv2d_winograd":             conv(square(1)),
		"conv_transpose2d_k4s2p1":     up(strided, 0),
		"conv_transpose2d_k4s1p0":     up(square(0), 0),
		"conv_transpose2d_output_pad": up(strided, 1),
		"conv_transpose2d_groups2":    up(groupedUp, 0),
		"conv_transpose2d_k5s3p0":     up(third, 0),
		"max_pool2d_k3s2p1":           alone(func(x vr) vr { return autograd.MaxPool2D(x, tensor.PoolAll(3, 2, 1)) }),
		"avg_pool2d_k3s2p1":           alone(func(x vr) vr { return autograd.AvgPool2D(x, tensor.PoolAll(3, 2, 1)) }),
		"adaptive_avg_pool2d":         alone(func(x vr) vr { return autograd.AdaptiveAvgPool2D(x, 3, 2) }),
		"relu":                        alone(autograd.ReLU),
		"leaky_relu":                  alone(func(x vr) vr { return autograd.LeakyReLU(x, 0.2) }),
		"softplus":                    alone(autograd.Softplus),
		"sigmoid":                     alone(autograd.Sigmoid),
		"tanh":                        alone(autograd.Tanh),
		"softmax":                     alone(autograd.Softmax),
		"log_softmax":                 alone(autograd.LogSoftmax),
		"prelu_shared":                func(x, w, _ vr) vr { return autograd.PReLU(x, w) },
		"prelu_channel":               func(x, w, _ vr) vr { return autograd.PReLU(x, w) },
		"pixel_shuffle_r2":            alone(func(x vr) vr { return autograd.PixelShuffle(x, 2) }),
		"interpolate_bilinear_down":   alone(func(x vr) vr { return autograd.Resize(x, 3, 2, tensor.Bilinear) }),
	} {
		t.Run(name, func(t *testing.T) {
			v := golden.Load(name)
			// Activations on (4,6) have rows for channels already; everything else is images and kernels.
			own := func(key string) golden.Array {
				a := v[key]
				switch {
				case len(a.Shape) < 4:
					return a
				case key == "w" || key == "grad.w":
					return a.HWIO()
				}
				return a.NHWC()
			}
			tape := autograd.NewTape()
			x := tape.Leaf(from(own("x")))
			leaves := []vr{x}
			var w, b vr
			keys := []string{"grad.x"}
			if _, ok := v["w"]; ok {
				w = tape.Leaf(from(own("w")))
				leaves, keys = append(leaves, w), append(keys, "grad.w")
			}
			if _, ok := v["b"]; ok {
				b = tape.Leaf(from(own("b")))
				leaves, keys = append(leaves, b), append(keys, "grad.b")
			}
			y := f(x, w, b)
			requireNear(t, own("y"), y.Value(), 2e-6)
			loss := autograd.Sum(autograd.Mul(y, autograd.Const(from(own("grad.y")))))
			for i, g := range autograd.Grad(loss, leaves...) {
				requireNear(t, own(keys[i]), g, 3e-6)
			}
			for i, g := range autograd.GradOnTape(loss, leaves...) {
				requireNear(t, own(keys[i]), g.Value(), 3e-6)
			}
		})
	}
}

// The gradient penalty of WGAN-GP and R1 on a small critic, differentiated in every parameter: second order.
func TestPenaltiesGolden(t *testing.T) {
	for name, act := range map[string]func(vr) vr{
		"critic_penalty_tanh":       autograd.Tanh,
		"critic_penalty_leaky_relu": func(x vr) vr { return autograd.LeakyReLU(x, 0.2) },
	} {
		t.Run(name, func(t *testing.T) {
			v := golden.Load(name)
			tape := autograd.NewTape()
			leaf := func(a golden.Array) vr { return tape.Leaf(from(a)) }
			x := leaf(v["x"].NHWC())
			w1, b1 := leaf(v["conv1.weight"].HWIO()), leaf(v["conv1.bias"])
			w2, b2 := leaf(v["conv2.weight"].HWIO()), leaf(v["conv2.bias"])
			w3, b3 := leaf(v["linear.weight"].InOutImage(5, 4, 4)), leaf(v["linear.bias"])
			pad := tensor.ConvSpec{PadT: 1, PadB: 1, PadL: 1, PadR: 1}
			down := pad
			down.StrideH, down.StrideW = 2, 2
			h := act(autograd.Add(autograd.Conv2D(x, w1, pad), b1))
			h = act(autograd.Add(autograd.Conv2D(h, w2, down), b2))
			score := autograd.Add(autograd.MatMul(h.Reshape(2, -1), w3), b3)
			requireNear(t, v["score"], score.Value(), 2e-6)
			gx := autograd.GradOnTape(autograd.Sum(score), x)[0]
			requireNear(t, v["score.grad.x"].NHWC(), gx.Value(), 2e-6)
			squares := autograd.Sum(autograd.Square(gx), 1, 2, 3)
			for label, loss := range map[string]vr{
				"gp": autograd.Scale(autograd.Mean(autograd.Square(autograd.Shift(autograd.Sqrt(squares), -1))), 10),
				"r1": autograd.Scale(autograd.Mean(squares), 5),
			} {
				require.InEpsilon(t, v[label].Data[0], loss.Item(), 3e-6)
				g := autograd.Grad(loss, x, w1, b1, w2, b2, w3, b3)
				requireNear(t, v[label+".grad.x"].NHWC(), g[0], 5e-6)
				requireNear(t, v[label+".grad.conv1.weight"].HWIO(), g[1], 5e-6)
				requireNear(t, v[label+".grad.conv1.bias"], g[2], 5e-6)
				requireNear(t, v[label+".grad.conv2.weight"].HWIO(), g[3], 5e-6)
				requireNear(t, v[label+".grad.conv2.bias"], g[4], 5e-6)
				requireNear(t, v[label+".grad.linear.weight"].InOutImage(5, 4, 4), g[5], 5e-6)
				requireNear(t, v[label+".grad.linear.bias"], g[6], 5e-6)
			}
		})
	}
}
