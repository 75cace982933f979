package train_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// A NaN or an infinity in a batch is reported in its step, by the operation and the layer that it reaches first.
func TestNonFiniteBatchIsReported(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		src := data.Func[regression](func(i int, rng *rand.Rand) (regression, error) {
			b, err := products.Batch(i, rng)
			if i == 2 {
				b.X.Set(float32(bad), 7, 1)
			}
			return b, err
		})
		net := newPerceptron(2, 4, 1, 1)
		err := train.Play(context.Background(), train.Run{Steps: 9, Progress: io.Discard}, []train.Player[regression]{regress(net)}, data.Source[regression](src))
		var e *train.NonFiniteError
		require.ErrorAs(t, err, &e, "%v", bad)
		require.Equal(t, 3, e.Step)
		require.NotEmpty(t, e.Op)
		for _, v := range values(net) {
			require.False(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0))
		}
	}
}

// An infinite parameter that a tanh swallows does not go on unseen, and no checkpoint holds one that an update made.
func TestSwallowedInfinityIsReported(t *testing.T) {
	net := newPerceptron(2, 4, 1, 1)
	net.First.Bias.Value().Data()[2] = float32(math.Inf(1))
	err := train.Play(context.Background(), train.Run{Steps: 9, Progress: io.Discard}, []train.Player[regression]{regress(net)}, products)
	require.ErrorContains(t, err, `train: step 1: Inf first appears in parameter "first.bias"`)

	dir := t.TempDir()
	net = newPerceptron(2, 4, 1, 1)
	p := regress(net)
	p.Opt = optim.SGD{Rate: 1, Schedule: jump(6)}
	run := train.Run{Dir: dir, Steps: 6, CheckpointEvery: 3, Progress: io.Discard, Export: func(v *train.View) error {
		for _, x := range values(net) {
			if math.IsInf(float64(x), 0) || math.IsNaN(float64(x)) {
				return fmt.Errorf("%v is exported at step %d", x, v.Step)
			}
		}
		return nil
	}}
	err = train.Play(context.Background(), run, []train.Player[regression]{p}, products)
	var e *train.NonFiniteError
	require.ErrorAs(t, err, &e)
	require.Equal(t, 6, e.Step)
	require.Equal(t, 3, e.Good)
	step, path, ok, err := train.Saved(dir)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 3, step)
	require.Equal(t, "step-00000003.state", filepath.Base(path))
}

// jump is a rate that is far too high from an update on.
type jump int

func (j jump) At(update int) float64 {
	if update >= int(j)-1 {
		return 1e60
	}
	return 0.01
}

// moody is a layer whose state is to become infinite, while what it returns stays finite.
type moody struct {
	Scale *autograd.Var  `nn:"scale"`
	Seen  *tensor.Tensor `nn:"seen"`
}

func (m *moody) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	pass.Update(m.Seen, tensor.Full(float32(math.Inf(1)), 1), 0.1)
	return autograd.Mul(x, m.Scale)
}

func TestNonFiniteStateIsReported(t *testing.T) {
	m := &moody{autograd.Const(tensor.Full(1, 1)), tensor.New(1)}
	p := train.Player[*tensor.Tensor]{Name: "moody", Model: m, Opt: optim.SGD{Rate: 0.1}, Loss: func(s *train.Step, x *tensor.Tensor) train.Terms {
		y := train.Use(s, m).Forward(s.Const(x), s.Pass)
		return train.Terms{{Name: "square", Weight: 1, Value: autograd.Mean(autograd.Square(y))}}
	}}
	err := train.Play(context.Background(), train.Run{Steps: 3, Progress: io.Discard}, []train.Player[*tensor.Tensor]{p}, gauss)
	require.EqualError(t, err, `train: step 1: Inf first appears in state "seen" (player "moody"); `+
		`there is no checkpoint to resume from (try a lower rate or gradient clipping)`)
	require.Equal(t, []float32{1, 0}, values(m))
}
