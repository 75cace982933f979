package pixelrnn

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

var kinds = []Kind{PixelCNN, RowLSTM, DiagonalBiLSTM}

// values returns n random images for a model.
func values(m *Model, n int, rng *rand.Rand) *tensor.Tensor {
	o := m.Options
	x := tensor.New(n, o.Height, o.Width, o.Channels)
	for i := range x.Data() {
		x.Data()[i] = float32(rng.IntN(o.Values))
	}
	return x
}

func conditionFor(m *Model, n int, rng *rand.Rand) Condition {
	o, c := m.Options, Condition{}
	if o.Low > 0 {
		c.Low = tensor.RandN(rng, n, o.Height, o.Width, o.Low)
	}
	for range n * min(o.Classes, 1) {
		c.Classes = append(c.Classes, rng.IntN(o.Classes))
	}
	return c
}

// stir gives a model large random biases and first states, so that nothing is off or zero by chance.
func stir(m any, rng *rand.Rand) {
	for _, p := range nn.Params(m) {
		if p.Rank() == 1 {
			tensor.RandUInto(p.Value(), rng, -0.5, 0.5)
		}
	}
}

// dependence returns whether output i of f depends on input j, from gradients; outputs and inputs are (N, …). f gets as many
// copies of x (1, …) as there are outputs, and the gradient of output i is taken in copy i.
func dependence(x *tensor.Tensor, outputs int, f func(x *autograd.Var) *autograd.Var) [][]bool {
	tape := autograd.NewTape()
	leaf := tape.Leaf(tensor.BroadcastTo(x, append([]int{outputs}, x.Shape()[1:]...)...))
	y := f(leaf)
	diagonal := tensor.New(outputs, outputs)
	for i := range outputs {
		diagonal.Set(1, i, i)
	}
	loss := autograd.Sum(autograd.Mul(y.Reshape(outputs, outputs), autograd.Const(diagonal)))
	grad := autograd.Grad(loss, leaf)[0]
	out := make([][]bool, outputs)
	for i := range out {
		for _, v := range grad.Rows(i, i+1).Data() {
			out[i] = append(out[i], v != 0)
		}
	}
	return out
}

// No logit depends on its own value or on a later one, in raster order and colour by colour.
func TestCausality(t *testing.T) {
	for _, kind := range kinds {
		for _, o := range []Options{
			{Channels: 3, Values: 4, Hidden: 8, Layers: 2, Skips: true, Classes: 2, Low: 1}, // 3 does not divide 8
			{Channels: 1, Values: 2, Hidden: 4, Layers: 2},
			{Channels: 2, Values: 2, Hidden: 5, Layers: 1},
		} {
			t.Run(fmt.Sprintf("%s/%d", kind, o.Channels), func(t *testing.T) {
				o.Kind, o.Height, o.Width = kind, 5, 5
				rng := newRand(1)
				m := New(o, rng)
				stir(m, rng)
				low, class := m.vars(conditionFor(m, m.Dims(), rng))
				per := m.Options.outputs() // a weighted sum of the logits of a value stands for all of them
				weights := autograd.Const(tensor.RandU(rng, 0.5, 1.5, per))
				depends := dependence(values(m, 1, rng), m.Dims(), func(x *autograd.Var) *autograd.Var {
					y := m.Forward(x, low, class)
					return autograd.Sum(autograd.Mul(y.Reshape(y.Len()/per, per), weights), 1)
				})
				some := 0
				for i := range depends {
					for j, d := range depends[i] {
						if j >= i {
							require.False(t, d, "logits of value %d depend on value %d", i, j)
						} else if d {
							some++
						}
					}
				}
				require.Greater(t, some, len(depends)*len(depends)/4, "a model that looks at nothing is causal, too")
			})
		}
	}
}

// Diagonal BiLSTM sees all that came before but for what the last colour of a row's last pixel would tell the first W−4
// pixels of the next: the one-row shift takes it away, and the 7×7 mask reaches no further.
func TestDiagonalSeesAllButAFew(t *testing.T) {
	rng := newRand(2)
	m := New(Options{Kind: DiagonalBiLSTM, Height: 6, Width: 6, Channels: 3, Values: 2, Hidden: 12, Layers: 2}, rng)
	stir(m, rng)
	seen := map[[2]int]bool{}
	for range 4 { // images: in one, some paths are off
		depends := dependence(values(m, 1, rng), m.Dims(), func(x *autograd.Var) *autograd.Var { return m.Forward(x, nil, nil) })
		for i, row := range depends {
			for j, d := range row {
				seen[[2]int{i, j}] = d || seen[[2]int{i, j}]
			}
		}
	}
	missing := 0
	for pair, d := range seen {
		if pair[1] < pair[0] && !d {
			missing++
		}
	}
	require.Equal(t, 30, missing)
}

// Each direction alone: from the left a memory sees its own pixel and before, colour by colour; what comes from the right,
// moved down by a row, sees rows above only, and of them the right side.
func TestDirections(t *testing.T) {
	const side, hidden, colours = 5, 4, 3
	rng := newRand(3)
	d := newDirection(Options{Hidden: hidden, Channels: colours}, rng)
	stir(d, rng)
	x := tensor.RandN(rng, 1, side, side, 2*hidden)
	for _, right := range []bool{false, true} {
		depends := dependence(x, side*side*hidden, func(x *autograd.Var) *autograd.Var { return d.run(x, condition{}, right) })
		for i, row := range depends {
			for j, got := range row {
				pi, pj := i/hidden, j/(2*hidden)
				ri, ci, rj, cj := pi/side, pi%side, pj/side, pj%side
				want := rj <= ri && cj <= ci && (pj != pi || j%(2*hidden)%colours <= i%hidden%colours)
				if right {
					want = rj < ri && cj >= ci && (rj != ri-1 || cj != ci || j%(2*hidden)%colours <= i%hidden%colours)
				}
				require.Equal(t, want, got, "right %v: (%d,%d) map %d sees (%d,%d) map %d", right, ri, ci, i%hidden, rj, cj, j%(2*hidden))
			}
		}
	}
}
