package train_test

import (
	"context"
	"io"
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestNonFiniteIsNamedAndChangesNothing(t *testing.T) {
	inf := float32(math.Inf(1))
	for name, c := range map[string]struct {
		loss  func(y *autograd.Var) *autograd.Var
		spoil func(p *perceptron)
		shard int
		want  string
	}{
		"in the loss": {
			loss: func(y *autograd.Var) *autograd.Var {
				return autograd.Mean(autograd.Log(autograd.Neg(autograd.Square(y))))
			},
			want: `NaN first appears in Log of "second"`,
		},
		"in one shard": {
			loss: func(y *autograd.Var) *autograd.Var {
				return autograd.Mean(autograd.Log(autograd.Neg(autograd.Square(y))))
			},
			shard: 4,
			want:  `NaN first appears in Log of "second"`,
		},
		"in a layer": {
			loss: func(y *autograd.Var) *autograd.Var { return autograd.Mean(y) },
			spoil: func(p *perceptron) { // four times 1·1e38
				p.First.Bias.Value().Fill(50)
				p.Second.Weight.Value().Fill(1e38)
			},
			want: `Inf first appears in MatMul of "second"`,
		},
		"in a parameter": {
			loss:  func(y *autograd.Var) *autograd.Var { return autograd.Mean(y) },
			spoil: func(p *perceptron) { p.Second.Bias.Value().Fill(inf) },
			want:  `Inf first appears in parameter "second.bias"`,
		},
		"in the gradient alone": {
			loss: func(y *autograd.Var) *autograd.Var { return autograd.Mean(autograd.Sqrt(autograd.Scale(y, 0))) },
			want: `NaN first appears in Div of "second"`,
		},
		"by overflow": {
			loss: func(y *autograd.Var) *autograd.Var {
				return autograd.Mean(autograd.Square(autograd.Scale(autograd.Shift(autograd.Square(y), 1), 1e30)))
			},
			want: `Inf first appears in Square of "second"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			net := newPerceptron(2, 4, 1, 1)
			good := regress(net)
			bad := good
			bad.Name, good.Name = "bad", "good"
			bad.Model = newPerceptron(2, 4, 1, 2)
			bad.Clip = optim.Clip{Norm: 1}
			var before []float32
			learn := good.Loss
			good.Loss = func(s *train.Step, b regression) train.Terms {
				if s.Round == 5 && c.spoil != nil { // just before the other's turn
					c.spoil(bad.Model.(*perceptron))
					before = values(bad.Model)
				}
				return learn(s, b)
			}
			bad.Loss = func(s *train.Step, b regression) train.Terms {
				p := train.Use(s, bad.Model.(*perceptron))
				y := p.Forward(s.Const(b.X), s.Pass)
				if s.Round < 5 {
					return train.Terms{{Name: "fine", Weight: 1, Value: autograd.Mean(autograd.Square(y))}}
				}
				if s.Shard == 0 {
					before = values(bad.Model)
				}
				return train.Terms{{Name: "bad", Weight: 1, Value: c.loss(y)}}
			}
			run := train.Run{Dir: t.TempDir(), Steps: 9, CheckpointEvery: 2, Shards: c.shard, Progress: io.Discard}
			err := train.Play(context.Background(), run, []train.Player[regression]{good, bad}, products)
			require.EqualError(t, err, "train: step 6: "+c.want+` (player "bad"); last good checkpoint is step 4 `+
				"(resume from it with a lower rate or gradient clipping)")
			var e *train.NonFiniteError
			require.ErrorAs(t, err, &e)
			require.Equal(t, 4, e.Good)
			require.Equal(t, before, values(bad.Model))
		})
	}
}

func TestNonFiniteWithoutCheckpoint(t *testing.T) {
	net := newPerceptron(2, 4, 1, 1)
	p := regress(net)
	p.Opt = optim.SGD{Rate: 1e30}
	err := train.Play(context.Background(), train.Run{Steps: 9, Progress: io.Discard}, []train.Player[regression]{p}, products)
	require.ErrorContains(t, err, "there is no checkpoint to resume from")
}

func TestLossesThatCannotLearnPanic(t *testing.T) {
	net := newPerceptron(2, 4, 1, 1)
	play := func(p train.Player[regression]) func() {
		return func() {
			_ = train.Play(context.Background(), train.Run{Steps: 1, Progress: io.Discard}, []train.Player[regression]{p}, products)
		}
	}
	p := regress(net)
	p.Loss = func(s *train.Step, b regression) train.Terms {
		return train.Terms{{Name: "x", Weight: 1, Value: autograd.Mean(net.Forward(s.Const(b.X), s.Pass))}}
	}
	require.PanicsWithValue(t, "train: no weighted term depends on its parameters; does the loss call train.Use?", play(p))
	p.Loss = func(s *train.Step, b regression) train.Terms {
		return train.Terms{{Name: "x", Weight: 1, Value: train.Use(s, net).Forward(s.Const(b.X), s.Pass)}}
	}
	require.PanicsWithValue(t, `train: term "x" must have one element`, play(p))
	p.Model = &struct{}{}
	require.PanicsWithValue(t, "train.Play: the Model has no parameters", play(p))
	p.Model = nil
	require.PanicsWithValue(t, `train.Play: player "" needs a Model, an Opt and a Loss`, play(p))
	require.PanicsWithValue(t, "train.Play: in a game of several, every player needs a Name", func() {
		_ = train.Play(context.Background(), train.Run{Steps: 1}, []train.Player[regression]{regress(net), regress(net)}, products)
	})
	require.PanicsWithValue(t, "train.Play: no players", func() {
		_ = train.Play(context.Background(), train.Run{Steps: 1}, nil, gauss)
	})
}

// Terms without a weight are logged, those of constants too.
func TestTermsThatAreOnlyLogged(t *testing.T) {
	net := newPerceptron(2, 4, 1, 1)
	p := regress(net)
	loss := p.Loss
	p.Loss = func(s *train.Step, b regression) train.Terms {
		return append(loss(s, b), train.Term{Name: "round", Value: s.Const(tensor.Scalar(float32(s.Round)))})
	}
	plain, logged := newPerceptron(2, 4, 1, 1), net
	var seen []train.Number
	run := train.Run{Steps: 4, LogEvery: 2, Progress: io.Discard, OnLog: func(r train.Record) error {
		seen = append(seen, r.Terms["round"])
		return nil
	}}
	require.NoError(t, train.Play(context.Background(), run, []train.Player[regression]{p}, products))
	require.Equal(t, []train.Number{0.5, 2.5}, seen)
	run.OnLog = nil
	require.NoError(t, train.Play(context.Background(), run, []train.Player[regression]{regress(plain)}, products))
	require.Equal(t, values(plain), values(logged))
}
