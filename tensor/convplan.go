package tensor

import "github.com/gander-ml/gander/tensor/internal/conv"

// A ConvChoice is how a convolution or one of its gradients is computed.
type ConvChoice struct {
	Algorithm string  // as in "winograd"
	Products  float64 // multiplications, without those of transforms
}

// ConvPlan returns what is chosen for Conv2D, Conv2DGradInput and Conv2DGradWeight with an image shaped x (N,H,W,Cin) and a kernel
// shaped w (KH,KW,Cin/Groups,Cout). It panics if they do not fit.
func ConvPlan(x, w []int, spec ConvSpec) (output, gradInput, gradWeight ConvChoice) {
	s := convSizes("tensor.ConvPlan", x, w, nil, spec)
	choice := func(d conv.Direction) ConvChoice { return ConvChoice{conv.Plan(s, d).String(), conv.Products(s, d)} }
	return choice(conv.Output), choice(conv.Input), choice(conv.Weight)
}
