package optim_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// The trajectories are PyTorch's, and for the Torch7 rules those of their definition, in float64. Elements with gradients
// near 1e-8 show where Eps goes.
func TestStepsAsTheReferenceDoes(t *testing.T) {
	for name, rule := range map[string]optim.Optimizer{
		"sgd":              optim.SGD{Rate: 0.1},
		"sgd_weight_decay": optim.SGD{Rate: 0.1, WeightDecay: 0.05},
		"sgd_momentum":     optim.SGD{Rate: 0.1, Momentum: 0.9},
		"sgd_nesterov":     optim.SGD{Rate: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 0.05},
		"sgd_dampening":    optim.SGD{Rate: 0.1, Momentum: 0.9, Dampening: 0.3, WeightDecay: 0.05},
		"torch7_sgd":       optim.SGD{Rate: 0.1, Momentum: 0.5, Damped: true},
		"adam":             optim.Adam{Rate: 0.01},
		"adam_options":     optim.Adam{Rate: 0.01, Beta1: 0.5, Beta2: 0.9, Eps: 1e-6, WeightDecay: 0.05},
		"adam_amsgrad":     optim.Adam{Rate: 0.01, Beta1: 0.5, Beta2: 0.9, AMSGrad: true},
		"torch7_adam":      optim.Adam{Rate: 0.01, Beta1: 0.5, Torch7: true},
		"adamw":            optim.AdamW{Rate: 0.01, WeightDecay: 0.1},
		"rmsprop":          optim.RMSProp{Rate: 0.01},
		"rmsprop_momentum": optim.RMSProp{Rate: 0.01, Alpha: 0.9, Eps: 1e-6, Momentum: 0.9, WeightDecay: 0.05},
		"rmsprop_centered": optim.RMSProp{Rate: 0.01, Centered: true},
		"torch7_rmsprop":   optim.RMSProp{Rate: 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			c := golden.Load(name)
			p0, grads, params := c["p0"], c["grads"], c["params"]
			n := p0.Shape[0]
			p := tensor.FromSlice(p0.Data, n)
			state := rule.Init([]*autograd.Var{autograd.Const(p)})
			for i := range grads.Shape[0] {
				state.Step([]*tensor.Tensor{tensor.FromSlice(grads.Data[i*n:][:n], n)})
				for k, w := range params.Data[i*n:][:n] {
					require.InDelta(t, w, p.Data()[k], 5e-7*max(1, math.Abs(float64(w))), "step %d, element %d", i, k)
				}
			}
			require.Equal(t, grads.Shape[0], state.Updates())
		})
	}
}
