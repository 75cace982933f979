package nn

import "github.com/gander-ml/gander/autograd"

// UseBFloat16 lets the layers of a network round what they multiply to bfloat16, or no longer: [Linear], convolutions of all
// kinds, and the recurrent ones. They do so where that is faster, which depends on the shapes and the processor; [tensor.MatMulBF16Into]
// and [tensor.ConvSpec] say where, and how large the error is. A network that is used before and after this call gives results that
// differ in the third digit.
//
// It holds for inference, where a prepared network such as srgan.Upscaler keeps what was set when it was made, and for training:
// gradients multiply rounded numbers, too. Parameters, their gradients, sums and the optimiser stay in float32, so that the scale of
// the loss does not matter and checkpoints are the same. The setting is no part of them.
//
// A network must not be in use meanwhile. What is bound to a tape, before, keeps the old setting.
func UseBFloat16(m any, on bool) {
	Layers(m, func(layer any) {
		switch l := layer.(type) {
		case *Linear:
			l.BFloat16 = on
		case *Conv2D:
			l.Spec.BFloat16 = on
		case *Conv1D:
			l.Spec.BFloat16 = on
		case *ConvTranspose2D:
			l.Spec.BFloat16 = on
		case *RecurrentWeights:
			l.BFloat16 = on
		case *CellWeights:
			l.BFloat16 = on
		}
	})
}

// multiply returns the product of x and w.
func multiply(x, w *autograd.Var, bf16 bool) *autograd.Var {
	if bf16 {
		return autograd.MatMulBF16(x, w)
	}
	return autograd.MatMul(x, w)
}
