package txt2img

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
)

// Calibrate measures anew the statistics that a generator's batch norms use in inference: their means over so many batches of
// a source, painted from noise of a latent, nil for gan.Normal(100). The running averages of a training lag behind the weights,
// and those that go with an average of the weights ([Game.EMA]) are those of other weights. Wu & Johnson 2021, §3.
//
// It changes the generator in place. What train.Average returns shares its statistics with the network in training, so take
// a model that was saved and opened again.
func Calibrate(g gan.Conditional, latent gan.Latent, src data.Source[Batch], batches int, seed uint64) error {
	if batches < 1 {
		panic(fmt.Sprintf("txt2img.Calibrate: want a batch at least, got %d", batches))
	}
	latent = Game{Latent: latent}.latent()
	momenta := map[*nn.BatchNorm2D]float32{}
	nn.Layers(g, func(layer any) {
		if n, ok := layer.(*nn.BatchNorm2D); ok {
			momenta[n] = n.Momentum
		}
	})
	defer func() {
		for n, m := range momenta {
			n.Momentum = m
		}
	}()
	for i := range batches {
		rng := data.Stream(seed, uint64(i))
		b, err := src.Batch(i, rng)
		if err != nil {
			return fmt.Errorf("txt2img: %w", err)
		}
		// With a momentum of 1/k the average after k batches is their mean.
		for n := range momenta {
			n.Momentum = 1 / float32(i+1)
		}
		pass := &nn.Pass{Train: true, Rand: rng}
		g.Forward(autograd.Const(latent.Draw(b.Len(), rng)), autograd.Const(b.Text), pass)
		pass.Commit()
	}
	return nil
}
