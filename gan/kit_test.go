package gan_test

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }

func vector(v ...float32) *autograd.Var { return autograd.Const(tensor.FromSlice(v, len(v), 1)) }

// mlp is fully connected layers with leaky ReLU: a network as a user would write it.
type mlp struct {
	Layers []*nn.Linear `nn:"layers"`
}

func newMLP(rng *rand.Rand, sizes ...int) *mlp {
	m := &mlp{}
	for i := range len(sizes) - 1 {
		m.Layers = append(m.Layers, nn.NewLinear(sizes[i], sizes[i+1], nn.LinearOptions{}, rng))
	}
	return m
}

func (m *mlp) Forward(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	for i, l := range m.Layers {
		if i > 0 {
			x = autograd.LeakyReLU(x, 0.2)
		}
		x = l.Forward(x)
	}
	return x
}

// points is n points of the plane around (1,-1), labelled by the sign of the first coordinate.
func points(n int) data.Source[gan.Batch] {
	return data.Func[gan.Batch](func(_ int, rng *rand.Rand) (gan.Batch, error) {
		b := gan.Batch{Images: tensor.RandN(rng, n, 2), Vectors: tensor.RandN(rng, n, 3), Classes: make([]int, n)}
		for i := range n {
			if b.Images.At(i, 0) > 0 {
				b.Classes[i] = 1
			}
			b.Images.Set(b.Images.At(i, 0)+1, i, 0)
			b.Images.Set(b.Images.At(i, 1)-1, i, 1)
		}
		return b, nil
	})
}

// pictures is n random pictures with everything that may be known of them.
func pictures(n, side, channels int) data.Source[gan.Batch] {
	return data.Func[gan.Batch](func(_ int, rng *rand.Rand) (gan.Batch, error) {
		b := gan.Batch{Images: tensor.RandU(rng, -1, 1, n, side, side, channels), Vectors: tensor.RandN(rng, n, 3),
			Pictures: tensor.RandN(rng, n, side, side, 1), Classes: make([]int, n)}
		for i := range n {
			b.Classes[i] = rng.IntN(4)
		}
		return b, nil
	})
}

// play plays a few rounds and returns the last record of the log.
func play(t *testing.T, game gan.Game, steps int, src data.Source[gan.Batch]) train.Record {
	t.Helper()
	var last train.Record
	run := train.Run{Steps: steps, Seed: 3, LogEvery: 1, Progress: io.Discard, OnLog: func(r train.Record) error {
		last = r
		return nil
	}}
	require.NoError(t, train.Play(context.Background(), run, game.Players(optim.Adam{Rate: 1e-3, Beta1: 0.5}), src))
	return last
}

// step returns a step in which the parameters of no network learn.
func step(tape *autograd.Tape, seed uint64) *train.Step {
	return &train.Step{Tape: tape, Pass: &nn.Pass{Train: true, Rand: newRand(seed)}, Shards: 1}
}

func values(m any) []float32 {
	var out []float32
	for _, e := range nn.Walk(m) {
		out = append(out, e.Tensor().Data()...)
	}
	return out
}

func playThese(t *testing.T, players []train.Player[gan.Batch], steps int, src data.Source[gan.Batch]) {
	t.Helper()
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: steps, Seed: 3, Progress: io.Discard}, players, src))
}
