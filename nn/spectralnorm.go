package nn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// SpectralNorm divides the weight W of a layer by an estimate of its largest singular value,
//
//	Ŵ = W/σ,  σ = uᵀWv,  v = Wᵀu/‖Wᵀu‖,  u ← Wv/‖Wv‖
//
// where W is seen as a matrix with a row for each output. Each forward pass makes one such step of power iteration; in
// training the new u is handed to the [Pass]. The gradient flows through W/σ with u and v held constant.
// Miyato et al. 2018, Algorithm 1.
type SpectralNorm struct {
	Layer Weighted       `nn:"."`
	U     *tensor.Tensor `nn:"weight_u"` // (outputs)
}

// Weighted is a layer whose weight can be exchanged, with its outputs on the last axis of the weight: [Linear], [Conv2D],
// or one of your own. The outputs of a [ConvTranspose2D] are on the last axis but one, which is known.
type Weighted interface {
	BaseWeight() *autograd.Var
	ForwardWith(x, w *autograd.Var) *autograd.Var
}

// NewSpectralNorm returns the layer with its weight normalised. u starts at random and is brought near the first
// singular vector. It panics for a transposed convolution with groups.
func NewSpectralNorm(layer Weighted, rng *rand.Rand) *SpectralNorm {
	if t, ok := layer.(*ConvTranspose2D); ok && t.Spec.Groups > 1 {
		panic("nn.NewSpectralNorm: a transposed convolution with groups has no one matrix")
	}
	l := &SpectralNorm{Layer: layer}
	m := l.matrix().Value()
	l.U = tensor.RandN(rng, m.Dim(1))
	normalise(l.U)
	for range 15 {
		_, l.U = powerStep(m, l.U)
	}
	return l
}

// Forward applies the layer with W/σ.
func (l *SpectralNorm) Forward(x *autograd.Var, pass *Pass) *autograd.Var {
	return l.Layer.ForwardWith(x, l.Weight(pass))
}

// Weight returns W/σ.
func (l *SpectralNorm) Weight(pass *Pass) *autograd.Var {
	m := l.matrix()
	v, u := powerStep(m.Value(), l.U)
	if pass.Training() {
		pass.Update(l.U, u, 1)
	}
	row := autograd.MatMul(autograd.Const(v.Reshape(1, -1)), m) // vᵀWᵀ
	sigma := autograd.MatMul(row, autograd.Const(u.Reshape(-1, 1)))
	return autograd.Div(l.Layer.BaseWeight(), sigma.Reshape(1))
}

// matrix returns Wᵀ, (rest, outputs).
func (l *SpectralNorm) matrix() *autograd.Var {
	w := l.Layer.BaseWeight()
	if _, ok := l.Layer.(*ConvTranspose2D); ok {
		w = autograd.Permute(w, 0, 1, 3, 2)
	}
	return w.Reshape(-1, w.Dim(-1))
}

// powerStep returns v and the next u for a matrix (rest, outputs), the transpose of W.
func powerStep(m, u *tensor.Tensor) (v, next *tensor.Tensor) {
	v = tensor.MatMul(m, u.Reshape(-1, 1)) // (rest, 1)
	normalise(v)
	next = tensor.New(m.Dim(1), 1)
	tensor.MatMulInto(next, m, v, true, false)
	normalise(next)
	return v.Reshape(-1), next.Reshape(-1)
}

// normalise divides v by its length; a zero vector stays as it is.
func normalise(v *tensor.Tensor) {
	tensor.AffineInto(v, v, float32(1/max(tensor.Norm(v), 1e-12)), 0)
}
