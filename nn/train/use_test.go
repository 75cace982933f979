package train_test

import (
	"context"
	"io"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// part is anything that maps x.
type part interface {
	Forward(x *autograd.Var) *autograd.Var
}

// assembly has parts in every place where a network may have them, one of them twice.
type assembly struct {
	Dense  *dense    `nn:"dense"`
	Again  *dense    `nn:"again"`
	List   []*dense  `nn:"list"`
	Fixed  [1]dense  `nn:"fixed"`
	Any    part      `nn:"any"`
	Shared []float32 // configuration
}

func newAssembly() *assembly {
	one := func() *dense { return &dense{autograd.Const(tensor.Full(1, 1, 1)), autograd.Const(tensor.New(1))} }
	a := &assembly{Dense: one(), List: []*dense{one(), one()}, Fixed: [1]dense{*one()}, Any: one(), Shared: []float32{1}}
	a.Again = a.Dense
	return a
}

func (a *assembly) Forward(x *autograd.Var) *autograd.Var {
	for _, p := range []part{a.Dense, a.Again, a.List[0], a.List[1], &a.Fixed[0], a.Any} {
		x = p.Forward(x)
	}
	return x
}

func TestUseBindsEveryPart(t *testing.T) {
	whole, frozen := newAssembly(), newAssembly()
	p := train.Player[regression]{Model: whole, Opt: optim.SGD{Rate: 0.01}, Loss: func(s *train.Step, b regression) train.Terms {
		require.Same(t, frozen, train.Use(s, frozen))
		bound := train.Use(s, whole)
		require.NotSame(t, whole, bound)
		require.Same(t, bound.Dense, bound.Again)
		require.Same(t, &whole.Shared[0], &bound.Shared[0])
		x := s.Const(tensor.Full(1, 1, 1))
		return train.Terms{{Name: "y", Weight: 1, Value: frozen.Forward(bound.Forward(x))}}
	}}
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: 1, Progress: io.Discard}, []train.Player[regression]{p}, products))
	for i, v := range values(whole) {
		// dy/dw is 1 for each place a weight is used in, and so is dy/db; the first layer is used twice.
		want := []float32{0.99, -0.01}[i%2]
		if i < 2 {
			want = []float32{0.98, -0.02}[i]
		}
		require.InDelta(t, want, v, 1e-6, "value %d", i)
	}
	require.Equal(t, values(newAssembly()), values(frozen))
}

// A model of several networks: each can be asked for, and a network outside that shares one of them learns in that part.
func TestUseOfAPartOfTheModel(t *testing.T) {
	a, b := newAssembly(), newAssembly()
	type both struct {
		A *assembly `nn:"a"`
		B *assembly `nn:"b"`
	}
	mixed := &assembly{Dense: a.Dense, Again: newAssembly().Dense, Fixed: newAssembly().Fixed, List: newAssembly().List, Any: newAssembly().Any}
	p := train.Player[regression]{Model: both{a, b}, Opt: optim.SGD{Rate: 0.01}, Loss: func(s *train.Step, _ regression) train.Terms {
		x := s.Const(tensor.Full(1, 1, 1))
		return train.Terms{{Name: "y", Weight: 1, Value: train.Use(s, mixed).Forward(train.Use(s, b.List[0]).Forward(x))}}
	}}
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: 1, Progress: io.Discard}, []train.Player[regression]{p}, products))
	require.InDelta(t, 0.99, a.Dense.Weight.Value().Item(), 1e-6)
	require.InDelta(t, 0.99, b.List[0].Weight.Value().Item(), 1e-6)
	require.EqualValues(t, 1, b.List[1].Weight.Value().Item())
	require.EqualValues(t, 1, mixed.Again.Weight.Value().Item())
}
