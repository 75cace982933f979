package gan_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// attention is self-attention over the pixels of a picture, written in the library's operations: nothing that package gan
// foresees.
type attention struct {
	Query *nn.Linear    `nn:"query"`
	Key   *nn.Linear    `nn:"key"`
	Value *nn.Linear    `nn:"value"`
	Gain  *autograd.Var `nn:"gain"`
}

func newAttention(channels int, seed uint64) *attention {
	layer := func(i uint64) *nn.Linear {
		return nn.NewLinear(channels, channels, nn.LinearOptions{}, newRand(seed+i))
	}
	return &attention{layer(1), layer(2), layer(3), autograd.Const(tensor.Full(0.5, 1))}
}

func (a *attention) Forward(x *autograd.Var) *autograd.Var {
	n, t, c := x.Dim(0), x.Dim(1)*x.Dim(2), x.Dim(3)
	h := x.Reshape(n, t, c)
	scores := autograd.Sum(autograd.Mul(a.Query.Forward(h).Reshape(n, t, 1, c), a.Key.Forward(h).Reshape(n, 1, t, c)), 3)
	mixed := autograd.Sum(autograd.Mul(autograd.Softmax(scores).Reshape(n, t, t, 1), a.Value.Forward(h).Reshape(n, 1, t, c)), 2)
	return autograd.Add(x, autograd.Mul(mixed.Reshape(x.Shape()...), a.Gain))
}

type attentive struct {
	In   *nn.Conv2D `nn:"in"`
	Look *attention `nn:"look"`
	Out  *nn.Conv2D `nn:"out"`
}

func newAttentive(in, out int, seed uint64) *attentive {
	conv := func(a, b int) *nn.Conv2D { return nn.NewConv2D(a, b, 3, nn.ConvOptions{Pad: 1}, newRand(seed)) }
	return &attentive{conv(in, 4), newAttention(4, seed), conv(4, out)}
}

func (a *attentive) Forward(x *autograd.Var) *autograd.Var {
	return autograd.Tanh(a.Out.Forward(a.Look.Forward(a.In.Forward(x))))
}

// Networks that nobody foresaw play every kind of game, second-order penalties included, and all of them learns.
func TestAttentionPlays(t *testing.T) {
	for _, p := range []gan.Penalty{gan.R1{}, gan.GradientPenalty{}} {
		game := gan.Game{Generator: newAttentive(2, 1, 1), Discriminator: newAttentive(1, 1, 2), Loss: gan.NonSaturating{}, Penalty: p,
			Latent: gan.Normal(4, 4, 2), Augment: gan.FullAugment, EMA: 0.9}
		before := append(values(game.Generator), values(game.Discriminator)...)
		play(t, game, 2, pictures(4, 4, 1))
		for i, v := range append(values(game.Generator), values(game.Discriminator)...) {
			require.NotEqual(t, before[i], v, "number %d does not learn", i)
		}
	}
}
