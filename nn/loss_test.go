package nn_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestLossesAgreeWithPyTorch(t *testing.T) {
	type vars = map[string]*autograd.Var
	for _, c := range []struct {
		name   string
		leaves []string
		loss   func(r reference, v vars) *autograd.Var
	}{
		{"loss_mse", []string{"x", "target"}, func(_ reference, v vars) *autograd.Var { return nn.MSE(v["x"], v["target"]) }},
		{"loss_l1", []string{"x", "target"}, func(_ reference, v vars) *autograd.Var { return nn.L1(v["x"], v["target"]) }},
		{"loss_smooth_l1", []string{"x", "target"}, func(_ reference, v vars) *autograd.Var {
			return nn.SmoothL1(v["x"], v["target"], 1)
		}},
		{"loss_bce_logits", []string{"x"}, func(r reference, v vars) *autograd.Var {
			return nn.BCEWithLogits(v["x"], autograd.Const(r.tensor(t, "target")), nil)
		}},
		{"loss_bce_logits_weighted", []string{"x"}, func(r reference, v vars) *autograd.Var {
			return nn.BCEWithLogits(v["x"], autograd.Const(r.tensor(t, "target")), autograd.Const(r.tensor(t, "weight")))
		}},
		{"loss_cross_entropy", []string{"x"}, func(r reference, v vars) *autograd.Var {
			var labels []int
			for _, l := range r["labels"].Data {
				labels = append(labels, int(l))
			}
			return nn.CrossEntropy(v["x"], labels)
		}},
		{"loss_hinge", []string{"real", "fake"}, func(_ reference, v vars) *autograd.Var {
			return autograd.Add(nn.Hinge(v["real"], 1), nn.Hinge(v["fake"], -1))
		}},
		{"loss_kl_standard", []string{"mean", "log_sigma"}, func(r reference, v vars) *autograd.Var {
			kl := nn.KLStandard(v["mean"], v["log_sigma"])
			requireClose(t, "kl", r.tensor(t, "kl"), kl.Value())
			return autograd.Sum(kl)
		}},
		{"loss_kl_gaussians", []string{"mean", "log_sigma", "prior_mean", "prior_log_sigma"}, func(r reference, v vars) *autograd.Var {
			kl := nn.KLGaussians(v["mean"], v["log_sigma"], v["prior_mean"], v["prior_log_sigma"])
			requireClose(t, "kl", r.tensor(t, "kl"), kl.Value())
			return autograd.Sum(kl)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := load(c.name)
			tape := autograd.NewTape()
			leaves := vars{}
			for _, name := range c.leaves {
				leaves[name] = tape.Leaf(r.tensor(t, name))
			}
			loss := c.loss(r, leaves)
			requireClose(t, "loss", tensor.Scalar(r["loss"].Data[0]), loss.Value())
			for name, leaf := range leaves {
				requireClose(t, "grad."+name, r.tensor(t, "grad."+name), autograd.Grad(loss, leaf)[0])
			}
		})
	}
}

func TestBCEToATarget(t *testing.T) {
	logits := tensor.FromSlice([]float32{-200, -3, 0, 2, 200}, 5)
	weights := autograd.Const(tensor.FromSlice([]float32{1, 2, 0, 0.5, 3}, 5))
	for _, target := range []float32{0, 0.9, 1} {
		tape := autograd.NewTape()
		a := tape.Leaf(logits)
		got := nn.BCEWithLogitsTo(a, target, weights)
		want := nn.BCEWithLogits(a, autograd.Const(tensor.Full(target, 1)), weights)
		requireClose(t, "value", want.Value(), got.Value())
		requireClose(t, "gradient", autograd.Grad(want, a)[0], autograd.Grad(got, a)[0])
	}
	// The discriminator of a perfect generator: log 2 for each of the two terms.
	zero := autograd.Const(tensor.New(4, 1))
	require.InDelta(t, math.Ln2, nn.BCEWithLogitsTo(zero, 1, nil).Item(), 1e-7)
	// A probability that is certain and right has no loss, but the gradient of a good one does not vanish.
	tape := autograd.NewTape()
	sure := tape.Leaf(tensor.Full(30, 1))
	g := autograd.Grad(nn.BCEWithLogitsTo(sure, 1, nil), sure)[0].Item()
	require.InEpsilon(t, -math.Exp(-30), float64(g), 1e-5)
}

func TestBCEPanicsWhereTargetsDoNotBroadcast(t *testing.T) {
	logits := autograd.Const(tensor.New(4, 1))
	require.PanicsWithValue(t, "nn.BCEWithLogits: targets (4) do not broadcast to (4,1)", func() {
		nn.BCEWithLogits(logits, autograd.Const(tensor.New(4)), nil)
	})
	require.PanicsWithValue(t, "nn.BCEWithLogitsTo: weights (4) do not broadcast to (4,1)", func() {
		nn.BCEWithLogitsTo(logits, 1, autograd.Const(tensor.New(4)))
	})
	require.Panics(t, func() { nn.MSE(logits, autograd.Const(tensor.New(4))) })
	require.Panics(t, func() { nn.Hinge(logits, 0) })
	require.Panics(t, func() { nn.SmoothL1(logits, logits, 0) })
}

func TestCharbonnier(t *testing.T) {
	x := autograd.Const(tensor.FromSlice([]float32{3, 0}, 2))
	y := autograd.Const(tensor.FromSlice([]float32{0, 0}, 2))
	require.InDelta(t, (5.0+4.0)/2, nn.Charbonnier(x, y, 4).Item(), 1e-6)
}

// tvRef is the definition, one loop per index.
func tvRef[T float32 | float64](x []T, n, h, w, c int) float64 {
	at := func(b, i, j, k int) float64 { return float64(x[((b*h+i)*w+j)*c+k]) }
	sum := 0.0
	for b := range n {
		for i := range h {
			for j := range w {
				for k := range c {
					var dx, dy float64
					if j+1 < w {
						dx = at(b, i, j+1, k) - at(b, i, j, k)
					}
					if i+1 < h {
						dy = at(b, i+1, j, k) - at(b, i, j, k)
					}
					sum += math.Sqrt(dx*dx + dy*dy + 1e-12)
				}
			}
		}
	}
	return sum / float64(n*h*w)
}

func TestTV(t *testing.T) {
	x := tensor.RandN(newRand(), 2, 5, 4, 3)
	tape := autograd.NewTape()
	require.InEpsilon(t, tvRef(x.Data(), 2, 5, 4, 3), float64(nn.TV(autograd.Const(x)).Item()), 1e-6)

	// A flat image has none, and a gradient that is finite.
	flat := tape.Leaf(tensor.Full(0.5, 1, 3, 3, 1))
	require.InDelta(t, 1e-6, nn.TV(flat).Item(), 1e-8)
	require.Zero(t, tensor.Norm(autograd.Grad(nn.TV(flat), flat)[0]))
}
