package trust

import (
	"context"
	"fmt"
	"image/png"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/placed"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
	"github.com/gander-ml/gander/txt2img/draw"
	"github.com/gander-ml/gander/txt2img/style"
)

// subject is small networks of one family with fresh weights, which are the same each time.
type subject struct {
	models []any // the players', in their order
	names  []string
	shards int
	play   func(ctx context.Context, run train.Run) error
	infer  func() ([]float32, error) // from the first call on the networks must stay as they are
}

// newSubject makes a subject of a game.
func newSubject[B any](players []train.Player[B], src data.Source[B], shards int, infer func() ([]float32, error)) subject {
	s := subject{shards: shards, infer: infer}
	for _, p := range players {
		s.models, s.names = append(s.models, p.Model), append(s.names, p.Name)
	}
	s.play = func(ctx context.Context, run train.Run) error {
		run.Shards = shards
		return train.Play(ctx, run, players, src)
	}
	return s
}

// values is all that the networks have learned and kept.
func (s subject) values() []float32 {
	var out []float32
	for _, m := range s.models {
		for _, e := range nn.Walk(m) {
			out = append(out, e.Tensor().Data()...)
		}
	}
	return out
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 41)) }

// families are all models that can be trained, by name.
var families = map[string]func() subject{
	"srgan/SRResNet":            func() subject { return superResolution(srgan.SRResNetMSE) },
	"srgan/SRGAN":               func() subject { return superResolution(srgan.SRGANVGG22) },
	"lapgan/dense":              lapganDense,
	"lapgan/conv":               lapganConv,
	"lapgan/LSUN":               lapganLSUN,
	"lapgan/quantised":          lapganQuantised,
	"pixelrnn/PixelCNN":         func() subject { return autoregressive(pixelrnn.PixelCNN) },
	"pixelrnn/row LSTM":         func() subject { return autoregressive(pixelrnn.RowLSTM) },
	"pixelrnn/diagonal BiLSTM":  func() subject { return autoregressive(pixelrnn.DiagonalBiLSTM) },
	"gan/DCGAN":                 dcgan,
	"gan/WGAN-GP":               wganGP,
	"gan/ResNet":                resNet,
	"txt2img/GAN-INT-CLS":       captionsToPictures,
	"txt2img/charcnnrnn (ICML)": func() subject { return captions(charcnnrnn.ICML) },
	"txt2img/charcnnrnn (CVPR)": func() subject { return captions(charcnnrnn.CVPR) },
	"txt2img/style":             styles,
	"draw/DRAW":                 func() subject { return strokes(draw.Free) },
	"draw/alignDRAW":            func() subject { return strokes(draw.Aligned) },
}

func familyNames() []string {
	var out []string
	for name := range families {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func adam() optim.Optimizer { return optim.Adam{Rate: 2e-3, Beta1: 0.5} }

// must is for what only fails when the test is wrong.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func superResolution(v srgan.Variant) subject {
	photos := []*tensor.Tensor{tensor.RandU(newRand(1), 0, 1, 40, 36, 3)}
	patches := must(srgan.NewPatches(photos, srgan.PatchOptions{Scale: 2, Size: 16, Batch: 4}))
	game := srgan.Game{Variant: v, Generator: srgan.NewSRResNet(srgan.Options{Scale: 2, Channels: 8, Blocks: 1}, newRand(2))}
	if tap, ok := v.Tap(); ok {
		game.Content.Features = vgg.New(vgg.Options{Taps: []vgg.Tap{tap}, Width: 4}, newRand(3))
		game.Discriminator = srgan.NewDiscriminator(srgan.DiscriminatorOptions{Height: 16, Channels: 4, Hidden: 8}, newRand(4))
		game.TV = srgan.TVWeight
	}
	upscalers := sync.OnceValue(func() []*srgan.Upscaler { // after training, which they must not see
		var us []*srgan.Upscaler
		for _, ensemble := range []bool{false, true} {
			u := srgan.NewUpscaler(game.Generator.(srgan.Network))
			u.Tile, u.Memory, u.Ensemble = 8, 1<<16, ensemble
			us = append(us, u)
		}
		return us
	})
	lowRes := tensor.RandU(newRand(5), 0, 1, 19, 23, 3)
	return newSubject(game.Players(adam()), data.Source[srgan.Pair](patches), 2, func() ([]float32, error) {
		var out []float32
		for _, u := range upscalers() {
			y, err := u.Tensor(context.Background(), lowRes)
			if err != nil {
				return nil, err
			}
			out = append(out, y.Data()...)
		}
		return out, nil
	})
}

// lapganLevel is a game of level 0 or 1 of a pyramid up to a side.
func lapganLevel(g lapgan.Generator, d lapgan.Discriminator, side, level, classes int) subject {
	set := synthetic.Shapes(24, 1, synthetic.ShapeOptions{Side: side})
	src := must(lapgan.Data{Images: set, Sizes: []int{side / 2, side}, Level: level, Batch: 8}.Source())
	game := lapgan.Game{Generator: g, Discriminator: d, Classes: classes, EMA: 0.9}
	sample := lapgan.FromGenerator(g, classes)
	return newSubject(game.Players(lapgan.PaperSGD(10), lapgan.PaperSGD(10)), src, 2, func() ([]float32, error) {
		given := lapgan.Given{N: 3}
		if classes > 0 {
			given.Classes = []int{0, 1, 2}
		}
		if level > 0 {
			given.Low = tensor.RandU(newRand(8), -1, 1, 3, side, side, 3)
		}
		return sample.Sample(given, newRand(9)).Data(), nil
	})
}

func shapeClasses() int { return len(synthetic.Shapes(1, 1, synthetic.ShapeOptions{Side: 16}).Classes) }

func lapganDense() subject {
	o := lapgan.DenseOptions{Classes: shapeClasses(), Latent: 6, Hidden: 12}
	return lapganLevel(lapgan.NewDense(o, newRand(6)), lapgan.NewDenseDiscriminator(o, newRand(7)), 16, 0, o.Classes)
}

func lapganConv() subject {
	o := lapgan.ConvOptions{Side: 16, Classes: shapeClasses(), Width: 6}
	return lapganLevel(lapgan.NewConv(o, newRand(6)), lapgan.NewConvDiscriminator(o, newRand(7)), 16, 1, o.Classes)
}

func lapganLSUN() subject {
	o := lapgan.LSUNOptions{Side: 8}
	return lapganLevel(lapgan.NewLSUN(o, newRand(6)), lapgan.NewLSUNDiscriminator(o, newRand(7)), 8, 1, 0)
}

func lapganQuantised() subject {
	set := synthetic.Shapes(12, 1, synthetic.ShapeOptions{Side: 8})
	src := must(lapgan.Data{Images: set, Sizes: []int{4, 8}, Level: 1, Batch: 4}.Source())
	q := lapgan.NewQuantised(pixelrnn.New(pixelrnn.Options{Height: 8, Width: 8, Values: 4, Hidden: 6, Layers: 1, Low: 3}, newRand(6)), 0.5)
	return newSubject([]train.Player[lapgan.Batch]{q.Player(adam())}, src, 2, func() ([]float32, error) {
		given := lapgan.Given{N: 2, Low: tensor.RandU(newRand(8), -1, 1, 2, 8, 8, 3)}
		return q.Sample(given, newRand(9)).Data(), nil
	})
}

func autoregressive(kind pixelrnn.Kind) subject {
	o := pixelrnn.Options{Kind: kind, Height: 5, Width: 6, Channels: 3, Values: 4, Hidden: 6, Layers: 2, Classes: 3, Low: 2, Skips: true}
	m := pixelrnn.New(o, newRand(1))
	src := data.Func[pixelrnn.Batch](func(_ int, rng *rand.Rand) (pixelrnn.Batch, error) {
		b := pixelrnn.Batch{X: tensor.New(4, o.Height, o.Width, o.Channels), Low: tensor.RandN(rng, 4, o.Height, o.Width, o.Low)}
		for i := range b.X.Data() {
			b.X.Data()[i] = float32(rng.IntN(o.Values))
		}
		for range 4 {
			b.Classes = append(b.Classes, rng.IntN(o.Classes))
		}
		return b, nil
	})
	return newSubject([]train.Player[pixelrnn.Batch]{m.Player(adam())}, data.Source[pixelrnn.Batch](src), 2, func() ([]float32, error) {
		given := pixelrnn.Condition{Low: tensor.RandN(newRand(3), 2, o.Height, o.Width, o.Low), Classes: []int{0, 2}}
		x := m.Sample(2, given, newRand(4))
		out := slices.Clone(x.Data())
		for _, p := range m.LogProb(x, given) {
			out = append(out, float32(p))
		}
		return out, nil
	})
}

func adversarial(g, d any, loss gan.Loss, penalty gan.Penalty, condition gan.Condition) subject {
	game := gan.Game{
		Generator: g, Discriminator: d, Loss: loss, Penalty: penalty, Latent: gan.Normal(4), Condition: condition,
		Turns: 2, EMA: 0.9, Augment: gan.FullAugment, Noise: gan.InstanceNoise{Std: 0.1, Over: 20},
	}
	src := data.Func[gan.Batch](func(_ int, rng *rand.Rand) (gan.Batch, error) {
		b := gan.Batch{Images: tensor.RandU(rng, -1, 1, 4, 8, 8, 1), Classes: make([]int, 4)}
		for i := range b.Classes {
			b.Classes[i] = rng.IntN(3)
		}
		return b, nil
	})
	return newSubject(game.Players(adam()), data.Source[gan.Batch](src), 2, func() ([]float32, error) {
		var y *tensor.Tensor
		if condition != nil {
			y = condition.Of(gan.Batch{Images: tensor.New(3, 8, 8, 1), Classes: []int{0, 1, 2}})
		}
		return gan.Draw(g, tensor.RandN(newRand(3), 3, 4), y).Data(), nil
	})
}

func dcgan() subject {
	o := network.DCGANOptions{Size: 8, Channels: 1, Latent: 4, Width: 4, Condition: 3}
	return adversarial(network.NewDCGANGenerator(o, newRand(1)), network.NewDCGANDiscriminator(o, newRand(2)),
		gan.NonSaturating{}, nil, gan.Class(3))
}

func wganGP() subject {
	o := network.DCGANOptions{Size: 8, Channels: 1, Latent: 4, Width: 4, NoNorm: true}
	return adversarial(network.NewDCGANGenerator(o, newRand(1)), network.NewDCGANDiscriminator(o, newRand(2)),
		gan.Wasserstein{}, gan.GradientPenalty{}, nil)
}

func resNet() subject {
	o := network.ResNetOptions{Size: 8, Channels: 1, Latent: 4, Width: 4, Condition: 3}
	return adversarial(network.NewResNetGenerator(o, newRand(1)), network.NewResNetDiscriminator(o, newRand(2)),
		gan.Hinge{}, gan.R1{Weight: 1}, gan.Class(3))
}

// words embeds captions by which of some words they have.
type words []string

func (w words) Width() int { return len(w) }

func (w words) Encode(captions []string) *tensor.Tensor {
	out := tensor.New(len(captions), len(w))
	for i, c := range captions {
		for k, word := range w {
			if strings.Contains(c, word) {
				out.Set(1, i, k)
			}
		}
	}
	return out
}

func captionsToPictures() subject {
	colours := words{"red", "green", "blue", "yellow", "purple", "orange"}
	o := txt2img.Options{Size: 16, Latent: 4, Embedding: len(colours), Text: 4, GWidth: 4, DWidth: 4}
	pictures, _ := synthetic.CaptionedShapes(24, 1, synthetic.ShapeOptions{Side: txt2img.Uncropped(o.Size)})
	set := txt2img.Captioned{Images: pictures.Images, Texts: must(txt2img.Embed(colours, pictures.Captions)), Size: o.Size, Batch: 4}
	game := txt2img.GANINTCLS.Of(txt2img.Game{
		Generator: txt2img.NewGenerator(o, newRand(1)), Discriminator: txt2img.NewDiscriminator(o, newRand(2)), Latent: gan.Normal(4), EMA: 0.9,
	})
	m := txt2img.Model{Generator: game.Generator, Encoder: colours}
	return newSubject(game.Players(adam()), must(set.Source()), 2, func() ([]float32, error) {
		painted, err := m.Paint("a red circle", txt2img.Paint{N: 2, Seed: 3})
		if err != nil {
			return nil, err
		}
		var out writer
		for _, p := range painted {
			if err := png.Encode(&out, p); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// writer holds bytes as numbers.
type writer []float32

func (w *writer) Write(b []byte) (int, error) {
	for _, v := range b {
		*w = append(*w, float32(v))
	}
	return len(b), nil
}

func captions(v charcnnrnn.Variant) subject {
	pictures, _ := synthetic.CaptionedShapes(40, 1, synthetic.ShapeOptions{Side: 16})
	src := must(charcnnrnn.NewSampler(pictures, charcnnrnn.SamplerOptions{Batch: 4, Length: 72, Size: 16, ByPicture: true, Reword: 0.3}))
	text := charcnnrnn.New(charcnnrnn.Options{Variant: v, Length: 72, Conv: [3]int{8, 8, 8}, RNN: 8, Out: 8, Dropout: 0.1}, newRand(1))
	joint := charcnnrnn.Joint{Text: text, Image: charcnnrnn.NewImage(charcnnrnn.ImageOptions{Size: 16, Width: 4, Out: 8}, newRand(2)), EMA: 0.9}
	players := []train.Player[charcnnrnn.Batch]{joint.Player(adam())}
	return newSubject(players, data.Source[charcnnrnn.Batch](src), 1, func() ([]float32, error) {
		return text.Encode([]string{"a red circle", "two blue squares on white"}).Data(), nil
	})
}

// painter is a small generator with random weights.
type painter struct {
	Grow *nn.Linear          `nn:"grow"`
	Norm *nn.BatchNorm2D     `nn:"norm"`
	Up   *nn.ConvTranspose2D `nn:"up"`
}

func (p *painter) Forward(z, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := p.Grow.Forward(autograd.Concat(1, z, text)).Reshape(-1, 8, 8, 4)
	return autograd.Tanh(p.Up.Forward(autograd.LeakyReLU(p.Norm.Forward(h, pass), 0.2)))
}

func styles() subject {
	rng := newRand(1)
	g := &painter{
		Grow: nn.NewLinear(4+6, 8*8*4, nn.LinearOptions{Init: nn.HeNormal}, rng),
		Norm: nn.NewBatchNorm2D(4, nn.BatchNormOptions{}),
		Up:   nn.NewConvTranspose2D(4, 3, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1, Init: nn.HeNormal}, rng),
	}
	e := style.New(style.Options{Size: 16, Latent: 4, Width: 4}, newRand(2))
	game := style.Game{Generator: g, Encoder: e, Latent: 4}
	bank := style.NewBank(tensor.RandN(newRand(7), 10, 3, 6))
	pictures := tensor.RandU(newRand(3), -1, 1, 2, 16, 16, 3)
	return newSubject([]train.Player[*tensor.Tensor]{game.Player(adam())}, bank.Batches(4, 2), 2, func() ([]float32, error) {
		return style.Transfer(g, e, pictures, tensor.RandN(newRand(4), 2, 6)).Data(), nil
	})
}

// runOf is a run of a few steps.
func runOf(dir string) train.Run {
	return train.Run{Dir: dir, Steps: 4, Seed: 9, CheckpointEvery: 2, LogEvery: 1, Progress: io.Discard}
}

// outcome trains a fresh subject and returns what it has become and what it infers.
func outcome(family string, run train.Run) (values, inferred []float32, err error) {
	s := families[family]()
	if err := s.play(context.Background(), run); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", family, err)
	}
	inferred, err = s.infer()
	return s.values(), inferred, err
}

// strokes is DRAW, or alignDRAW that paints captions of digits.
func strokes(text draw.Conditioning) subject {
	o := draw.Options{Height: 60, Width: 60, Channels: 1, Steps: 3, Hidden: 8, Latent: 4, Read: 2, Write: 3, Text: text}
	var all []string
	for _, s := range placed.All() {
		all = append(all, s.Caption())
	}
	words := draw.NewVocabulary(all, 0)
	if text != draw.Free {
		o.Words, o.Language, o.Align, o.Ink = len(words), 6, 5, -3
	}
	m := draw.NewFrom(o, nil, newRand(1))
	set := must(placed.New(synthetic.Digits(40, 1, synthetic.DigitOptions{}), placed.All()[:100]))
	read := func(scenes []placed.Scene) draw.Text {
		if text == draw.Free {
			return draw.Text{}
		}
		var captions []string
		for _, s := range scenes {
			captions = append(captions, s.Caption())
		}
		return must(words.Read(captions...))
	}
	src := data.Map(set.Batches(8), func(b placed.Batch, _ *rand.Rand) (draw.Batch, error) {
		return draw.Batch{Images: b.Images, Text: read(b.Scenes)}, nil
	})
	given := read(placed.All()[:5])
	return newSubject([]train.Player[draw.Batch]{m.Player(nil)}, src, 2, func() ([]float32, error) {
		var out []float32
		for _, canvas := range m.Sample(5, given, newRand(2)).Canvases {
			out = append(out, canvas.Data()...)
		}
		return out, nil
	})
}
