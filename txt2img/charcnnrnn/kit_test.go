package charcnnrnn_test

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 3)) }

// small is an encoder that tests have the time for.
func small(v charcnnrnn.Variant) charcnnrnn.Options {
	return charcnnrnn.Options{Variant: v, Length: 72, Conv: [3]int{24, 32, 32}, RNN: 32, Out: 32}
}

// tiny is pictures of four colours with captions, n of them, of as many classes as there are colours.
func tiny(n int) *caption.Pictures {
	colours := [][3]uint8{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0}}
	names := []string{"red", "green", "blue", "yellow"}
	p := &caption.Pictures{Images: &labelled.Images{Height: 16, Width: 16, Channels: 3, Classes: names}}
	for i := range n {
		k := i % len(names)
		for range 16 * 16 {
			p.Images.Pixels = append(p.Images.Pixels, colours[k][:]...)
		}
		p.Images.Labels = append(p.Images.Labels, k)
		p.Captions = append(p.Captions, []string{"a " + names[k] + " square", names[k] + " " + string(rune('a'+i))})
	}
	return p
}

// play trains silently and returns the last record.
func play[B any](t *testing.T, player train.Player[B], src data.Source[B], steps int) train.Record {
	t.Helper()
	var last train.Record
	run := train.Run{Steps: steps, Seed: 5, Progress: io.Discard, OnLog: func(r train.Record) error { last = r; return nil }}
	require.NoError(t, train.Play(context.Background(), run, []train.Player[B]{player}, src))
	return last
}

// values is all numbers of a network.
func values(m any) []float32 {
	var out []float32
	for _, e := range nn.Walk(m) {
		out = append(out, e.Tensor().Data()...)
	}
	return out
}

// near requires equality up to rounding.
func near(t *testing.T, want, got *tensor.Tensor, tolerance float64) {
	t.Helper()
	require.Equal(t, want.Shape(), got.Shape())
	for i, w := range want.Data() {
		g := got.Data()[i]
		require.LessOrEqual(t, math.Abs(float64(w-g)), tolerance*(1+math.Abs(float64(w))), "element %d: want %g, got %g", i, w, g)
	}
}
