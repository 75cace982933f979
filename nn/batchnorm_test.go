package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestBatchNormAgreesWithPyTorch(t *testing.T) {
	for _, name := range []string{"batch_norm2d", "batch_norm1d"} {
		t.Run(name, func(t *testing.T) {
			r := load(name)
			layer := nn.NewBatchNorm2D(r["w"].Shape[0], nn.BatchNormOptions{})
			var pass *nn.Pass
			forward := func(m any, x *autograd.Var) *autograd.Var {
				pass = &nn.Pass{Train: true}
				return m.(*nn.BatchNorm2D).Forward(x, pass)
			}
			r.requireLayer(t, layer, forward, convNames)
			requireClose(t, "before Commit", r.tensor(t, "running_mean"), layer.RunningMean)
			pass.Commit()
			requireClose(t, "new_running_mean", r.tensor(t, "new_running_mean"), layer.RunningMean)
			requireClose(t, "new_running_var", r.tensor(t, "new_running_var"), layer.RunningVar)

			// Inference, on the same case.
			tape := autograd.NewTape()
			bound := nn.Bind(tape, layer)
			x := tape.Leaf(r.image(t, "x"))
			y := bound.Forward(x, nil)
			requireClose(t, "eval.y", r.image(t, "eval.y"), y.Value())
			grads := autograd.Grad(along(y, r.image(t, "grad.y")), x, bound.Weight, bound.Bias)
			requireClose(t, "eval.grad.x", r.image(t, "eval.grad.x"), grads[0])
			requireClose(t, "eval.grad.w", r.tensor(t, "eval.grad.w"), grads[1])
			requireClose(t, "eval.grad.b", r.tensor(t, "eval.grad.b"), grads[2])
		})
	}
}

func TestBatchNormOptions(t *testing.T) {
	plain := nn.NewBatchNorm1D(3, nn.BatchNormOptions{NoAffine: true, Momentum: 0.5, Eps: 1e-3})
	require.Zero(t, nn.NumParams(plain))
	require.Len(t, nn.Walk(plain), 2)
	x := tensor.FromSlice([]float32{0, 2, 100, 2, 4, 300}, 2, 3)
	pass := &nn.Pass{Train: true}
	y := plain.Forward(autograd.Const(x), pass).Value()
	require.InDeltaSlice(t, []float32{-1, -1, -1, 1, 1, 1}, y.Data(), 1e-3)
	pass.Commit()
	require.InDeltaSlice(t, []float32{0.5, 1.5, 100}, plain.RunningMean.Data(), 1e-6)
	require.InDeltaSlice(t, []float32{1.5, 1.5, 10000.5}, plain.RunningVar.Data(), 1e-3)

	require.PanicsWithValue(t, "nn.BatchNorm2D: training needs more than one value for each channel, got (1,1,1,3)", func() {
		plain.Forward(autograd.Const(tensor.New(1, 1, 1, 3)), &nn.Pass{Train: true})
	})
	require.NotPanics(t, func() { plain.Forward(autograd.Const(tensor.New(1, 1, 1, 3)), nil) })
	require.PanicsWithValue(t, "nn.BatchNorm2D: want (N,…,3), got (2,4)", func() { plain.Forward(autograd.Const(tensor.New(2, 4)), nil) })
	require.Panics(t, func() { nn.NewBatchNorm2D(0, nn.BatchNormOptions{}) })
}
