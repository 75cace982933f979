package train_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// A line is fitted to points on y = 3x + 1. With a Dir, the run would leave checkpoints, a log and curves, and the same
// call would go on where an interrupted one stopped.
func ExamplePlay() {
	type line struct {
		Slope *autograd.Var `nn:"slope"`
		Start *autograd.Var `nn:"start"`
	}
	net := &line{autograd.Const(tensor.New(1)), autograd.Const(tensor.New(1))}
	points := data.Func[*tensor.Tensor](func(_ int, rng *rand.Rand) (*tensor.Tensor, error) {
		return tensor.RandU(rng, -1, 1, 32), nil
	})
	player := train.Player[*tensor.Tensor]{
		Model: net,
		Opt:   optim.SGD{Rate: 0.2, Momentum: 0.5},
		Loss: func(s *train.Step, x *tensor.Tensor) train.Terms {
			l := train.Use(s, net)
			got := autograd.Add(autograd.Mul(s.Const(x), l.Slope), l.Start)
			want := s.Const(tensor.Affine(x, 3, 1))
			return train.Terms{{Name: "mse", Weight: 1, Value: autograd.Mean(autograd.Square(autograd.Sub(got, want)))}}
		},
	}
	run := train.Run{Steps: 200, Seed: 1, Progress: io.Discard}
	if err := train.Play(context.Background(), run, []train.Player[*tensor.Tensor]{player}, points); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("y = %.2fx + %.2f\n", net.Slope.Value().Item(), net.Start.Value().Item())
	// Output: y = 3.00x + 1.00
}
