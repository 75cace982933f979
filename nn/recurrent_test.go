package nn_test

import (
	"strings"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// recurrentForward runs any of the three networks; c is nil where there is none.
func recurrentForward(net any, x, h0, c0 *autograd.Var) (y, h, c *autograd.Var) {
	switch net := net.(type) {
	case *nn.RNN:
		y, h = net.Forward(x, h0)
	case *nn.GRU:
		y, h = net.Forward(x, h0)
	case *nn.LSTM:
		return net.Forward(x, h0, c0)
	}
	return y, h, nil
}

func newRecurrent(kind string, in, hidden int, opts nn.RecurrentOptions) any {
	switch kind {
	case "rnn":
		net := nn.NewRNN(in, hidden, opts, newRand())
		net.ReLU = true
		return net
	case "gru":
		return nn.NewGRU(in, hidden, opts, newRand())
	}
	return nn.NewLSTM(in, hidden, opts, newRand())
}

func TestRecurrentNetworksAgreeWithPyTorch(t *testing.T) {
	for _, name := range []string{
		"rnn_relu", "rnn_relu_bi", "rnn_relu_state", "gru", "gru_bi", "gru_state", "lstm", "lstm_bi", "lstm_state",
	} {
		t.Run(name, func(t *testing.T) {
			r := load(name)
			hidden := r["weight_hh_l0"].Shape[1]
			kind, _, _ := strings.Cut(name, "_")
			net := newRecurrent(kind, r["x"].Shape[2], hidden, nn.RecurrentOptions{Bidirectional: strings.HasSuffix(name, "_bi")})
			r.fill(t, net, nil)
			tape := autograd.NewTape()
			bound := nn.Bind(tape, net)

			leaves := map[string]*autograd.Var{"x": tape.Leaf(r.tensor(t, "x"))}
			for _, state := range []string{"h0", "c0"} {
				if _, ok := r[state]; ok {
					leaves[state] = tape.Leaf(r.tensor(t, state))
				}
			}
			y, h, c := recurrentForward(bound, leaves["x"], leaves["h0"], leaves["c0"])
			requireClose(t, "y", r.tensor(t, "y"), y.Value())
			requireClose(t, "h_n", r.tensor(t, "h_n"), h.Value())
			loss := autograd.Add(along(y, r.tensor(t, "grad.y")), along(h, r.tensor(t, "grad.h_n")))
			if c != nil {
				requireClose(t, "c_n", r.tensor(t, "c_n"), c.Value())
				loss = autograd.Add(loss, along(c, r.tensor(t, "grad.c_n")))
			}
			r.requireGrads(t, bound, loss, nil)
			for name, leaf := range leaves {
				requireClose(t, "grad."+name, r.tensor(t, "grad."+name), autograd.Grad(loss, leaf)[0])
			}
		})
	}
}

// Two layers are one layer after another.
func TestRecurrentLayersStack(t *testing.T) {
	for _, kind := range []string{"rnn", "gru", "lstm"} {
		for _, both := range []bool{false, true} {
			two := newRecurrent(kind, 3, 5, nn.RecurrentOptions{Layers: 2, Bidirectional: both})
			width := 5
			if both {
				width = 10
			}
			parts := []any{
				newRecurrent(kind, 3, 5, nn.RecurrentOptions{Bidirectional: both}),
				newRecurrent(kind, width, 5, nn.RecurrentOptions{Bidirectional: both}),
			}
			values := map[string]*tensor.Tensor{}
			for _, e := range nn.Walk(two) {
				values[e.Name] = e.Tensor()
			}
			for i, part := range parts {
				for _, e := range nn.Walk(part) {
					name := strings.Replace(e.Name, "_l0", "_l"+string(rune('0'+i)), 1)
					require.Contains(t, values, name)
					e.Tensor().CopyFrom(values[name])
				}
			}
			x := autograd.Const(tensor.RandN(newRand(), 2, 7, 3))
			y, h, _ := recurrentForward(two, x, nil, nil)
			y1, h1, _ := recurrentForward(parts[0], x, nil, nil)
			y2, h2, _ := recurrentForward(parts[1], y1, nil, nil)
			require.Equal(t, y2.Value().Data(), y.Value().Data())
			require.Equal(t, append(h1.Value().Data(), h2.Value().Data()...), h.Value().Data())
		}
	}
}

// A cell in a loop of one's own does what the network does.
func TestCellsAgreeWithNetworks(t *testing.T) {
	x := autograd.Const(tensor.RandN(newRand(), 2, 4, 3))
	at := func(i int) *autograd.Var { return autograd.Slice(x, 1, i, i+1).Reshape(2, 3) }
	zero := autograd.Const(tensor.New(2, 5))

	rnn, rnnCell := nn.NewRNN(3, 5, nn.RecurrentOptions{}, newRand()), nn.NewRNNCell(3, 5, nn.RecurrentOptions{}, newRand())
	gru, gruCell := nn.NewGRU(3, 5, nn.RecurrentOptions{}, newRand()), nn.NewGRUCell(3, 5, nn.RecurrentOptions{}, newRand())
	lstm, lstmCell := nn.NewLSTM(3, 5, nn.RecurrentOptions{}, newRand()), nn.NewLSTMCell(3, 5, nn.RecurrentOptions{}, newRand())
	h1, h2, h3, c3 := zero, zero, zero, zero
	for i := range 4 {
		h1 = rnnCell.Forward(at(i), h1)
		h2 = gruCell.Forward(at(i), h2)
		h3, c3 = lstmCell.Forward(at(i), h3, c3)
	}
	_, want := rnn.Forward(x, nil)
	requireClose(t, "rnn", want.Value().Reshape(2, 5), h1.Value())
	_, want = gru.Forward(x, nil)
	requireClose(t, "gru", want.Value().Reshape(2, 5), h2.Value())
	_, want, memory := lstm.Forward(x, nil, nil)
	requireClose(t, "lstm h", want.Value().Reshape(2, 5), h3.Value())
	requireClose(t, "lstm c", memory.Value().Reshape(2, 5), c3.Value())
	require.Equal(t, []int{20, 3}, nn.Walk(lstmCell)[0].Layout.DiskShape([]int{3, 20}))
	require.Equal(t, "weight_hh", nn.Walk(gruCell)[1].Name)
}

func TestRecurrentOptions(t *testing.T) {
	count := func(opts nn.RecurrentOptions) int { return nn.NumParams(nn.NewLSTM(3, 5, opts, newRand())) }
	require.Equal(t, 4*5*(3+5)+2*20, count(nn.RecurrentOptions{}))
	require.Equal(t, 4*5*(3+5)+20, count(nn.RecurrentOptions{OneBias: true}))
	require.Equal(t, 4*5*(3+5), count(nn.RecurrentOptions{NoBias: true}))
	require.Equal(t, 2*(4*5*(3+5)+2*20)+2*(4*5*(10+5)+2*20), count(nn.RecurrentOptions{Layers: 2, Bidirectional: true}))

	net := nn.NewGRU(3, 5, nn.RecurrentOptions{Layers: 2, Bidirectional: true}, newRand())
	var names []string
	for _, e := range nn.Walk(net) {
		names = append(names, e.Name)
	}
	require.ElementsMatch(t, []string{
		"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1",
		"weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse",
		"weight_ih_l1_reverse", "weight_hh_l1_reverse", "bias_ih_l1_reverse", "bias_hh_l1_reverse",
	}, names)

	x := autograd.Const(tensor.New(2, 4, 3))
	require.PanicsWithValue(t, "nn.GRU: want (N,L,3), got (2,4,7)", func() { net.Forward(autograd.Const(tensor.New(2, 4, 7)), nil) })
	require.PanicsWithValue(t, "nn.GRU: want a first state of (4,2,5), got (2,2,5)", func() {
		net.Forward(x, autograd.Const(tensor.New(2, 2, 5)))
	})
	require.Panics(t, func() { nn.NewGRU(0, 5, nn.RecurrentOptions{}, newRand()) })
}

func TestEveryRecurrentParameterLearns(t *testing.T) {
	for _, kind := range []string{"rnn", "gru", "lstm"} {
		tape := autograd.NewTape()
		bound := nn.Bind(tape, newRecurrent(kind, 3, 5, nn.RecurrentOptions{Layers: 2, Bidirectional: true}))
		y, _, _ := recurrentForward(bound, autograd.Const(tensor.RandN(newRand(), 2, 4, 3)), nil, nil)
		requireAllLearn(t, bound, autograd.Sum(autograd.Square(y)))
	}
}
