package txt2img_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// A sentence of one's own becomes pictures.
func Example() {
	m, err := txt2img.Open(weights())
	if err != nil {
		fmt.Println(err)
		return
	}
	pictures, err := m.Paint("a red heart", txt2img.Paint{N: 8, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(pictures), "pictures of", pictures[0].Bounds().Size())

	_, err = m.Paint("", txt2img.Paint{})
	fmt.Println(err)
	// Output:
	// 8 pictures of (16,16)
	// txt2img: the sentence is empty: say what to paint
}

// weights returns the file of a model, as a program would embed it.
func weights() []byte {
	rng := rand.New(rand.NewPCG(1, 1))
	encoder := charcnnrnn.New(charcnnrnn.Options{Conv: [3]int{8, 8, 8}, Out: 16}, rng)
	m := txt2img.Model{Generator: txt2img.NewGenerator(txt2img.Options{Size: 16, Embedding: 16, GWidth: 8}, rng), Encoder: encoder}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.safetensors")
	if err := m.SaveHalf(path); err != nil {
		panic(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return b
}

// Painter is a conditional generator of one's own: a struct, and a method that takes noise and embedded captions.
type Painter struct {
	Grow *nn.Linear          `nn:"grow"`
	Norm *nn.BatchNorm2D     `nn:"norm"`
	Up   *nn.ConvTranspose2D `nn:"up"`
}

func NewPainter(noise, text int, rng *rand.Rand) *Painter {
	return &Painter{
		Grow: nn.NewLinear(noise+text, 8*8*16, nn.LinearOptions{Unflatten: [3]int{8, 8, 16}}, rng),
		Norm: nn.NewBatchNorm2D(16, nn.BatchNormOptions{}),
		Up:   nn.NewConvTranspose2D(16, 3, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1}, rng),
	}
}

func (p *Painter) Forward(z, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := p.Grow.Forward(autograd.Concat(1, z, text)).Reshape(-1, 8, 8, 16)
	return autograd.Tanh(p.Up.Forward(autograd.ReLU(p.Norm.Forward(h, pass))))
}

// A generator of one's own is trained by captions, and paints. So might a discriminator and an encoder of one's own be.
func ExampleGame() {
	rng := rand.New(rand.NewPCG(1, 1))
	encoder := charcnnrnn.New(charcnnrnn.Options{Conv: [3]int{8, 8, 8}, Out: 16}, rng) // trained before, in earnest
	pictures, _ := synthetic.CaptionedShapes(64, 1, synthetic.ShapeOptions{Side: txt2img.Uncropped(16)})
	texts, err := txt2img.Embed(encoder, pictures.Captions)
	if err != nil {
		fmt.Println(err)
		return
	}
	set := txt2img.Captioned{Images: pictures.Images, Texts: texts, Size: 16, Batch: 16}
	src, err := set.Source()
	if err != nil {
		fmt.Println(err)
		return
	}

	painter := NewPainter(8, encoder.Width(), rng)
	game := txt2img.GANINTCLS.Of(txt2img.Game{
		Generator:     painter,
		Discriminator: txt2img.NewDiscriminator(txt2img.Options{Size: 16, Embedding: encoder.Width(), DWidth: 8}, rng),
		Latent:        gan.Normal(8),
		Augment:       gan.FullAugment,
	})
	run := train.Run{Steps: 20, Seed: 1, Config: game.Facts(), Progress: io.Discard}
	if err := train.Play(context.Background(), run, game.Players(optim.Adam{Rate: 2e-4, Beta1: 0.5}), src); err != nil {
		fmt.Println(err)
		return
	}

	m := txt2img.Model{Generator: painter, Encoder: encoder, Latent: game.Latent}
	row, err := m.BetweenSentences("a red heart", "a blue star", 7, txt2img.Paint{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(row[0]), "pictures on the way")
	// Output: 7 pictures on the way
}
