package optim_test

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
)

// A number learns to be √2.
func Example() {
	x := autograd.Const(tensor.Full(1, 1))
	state := optim.Adam{Rate: 0.1, Schedule: optim.StepDecay{Every: 50}}.Init([]*autograd.Var{x})
	tape := autograd.NewTape()
	for range 150 {
		bound := tape.Leaf(x.Value())
		loss := autograd.Square(autograd.Shift(autograd.Square(bound), -2))
		state.Step(autograd.Grad(loss, bound))
		tape.Reset()
	}
	fmt.Printf("%.2f\n", x.Item())
	// Output: 1.41
}
