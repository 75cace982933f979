package lapgan

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// trained returns one level of each kind that can be saved.
func trained() []Trained {
	rng := newRand(5)
	norm := PixelNorm(synthetic.Shapes(10, 1, synthetic.ShapeOptions{Side: 8}))
	pixels := pixelrnn.New(pixelrnn.Options{Kind: pixelrnn.DiagonalBiLSTM, Height: 4, Width: 4, Values: 8, Hidden: 4, Layers: 1, Classes: 2}, rng)
	sizes := []int{4, 8}
	return []Trained{
		{Level: NewDense(DenseOptions{Side: 4, Hidden: 8, Classes: 2}, rng), Sizes: sizes, Norm: norm, Classes: []string{"a", "b"}},
		{Level: NewQuantised(pixels, 2), Sizes: sizes, Norm: norm},
		{Level: NewConv(ConvOptions{Side: 8, Width: 4, Classes: 2}, rng), Index: 1, Sizes: sizes, Norm: norm},
		{Level: NewDeep(DeepOptions{Side: 4, Width: 3, Classes: 2, Latent: 4, Base: true}, rng), Sizes: sizes, Norm: norm},
		{Level: NewDeep(DeepOptions{Side: 8, Width: 3, Classes: 2, Latent: 4}, rng), Index: 1, Sizes: sizes, Norm: norm},
		{Level: NewLSUN(LSUNOptions{Side: 8}, rng), Index: 1, Sizes: sizes, Norm: norm, Operator: Burt{}},
	}
}

func TestAFolderIsAPyramid(t *testing.T) {
	all := trained()
	dir := t.TempDir()
	for _, l := range []Trained{all[0], all[2]} {
		require.NoError(t, Save(filepath.Join(dir, fmt.Sprintf("level-%d.safetensors", l.Sizes[l.Index])), l, 7, nil))
	}
	p, classes, err := OpenFS(os.DirFS(dir))
	require.NoError(t, err)
	require.Equal(t, []int{4, 8}, p.Sizes)
	require.Equal(t, all[0].Classes, classes)
	require.Equal(t, 3, p.Sample(newRand(1), Class(0, 1, 1)).Len())

	_, _, err = OpenFS(os.DirFS(t.TempDir()))
	require.EqualError(t, err, "lapgan: the folder holds no files level-*.safetensors")
	require.NoError(t, os.Truncate(filepath.Join(dir, "level-8.safetensors"), 100))
	_, _, err = OpenFS(os.DirFS(dir))
	require.ErrorContains(t, err, "level-8.safetensors")
}

func TestLevelsAreSaved(t *testing.T) {
	dir := t.TempDir()
	for _, want := range trained() {
		path := filepath.Join(dir, "level.safetensors")
		require.NoError(t, Save(path, want, 7, map[string]string{"data": "shapes"}))
		got, err := OpenFile(path)
		require.NoError(t, err)
		require.Equal(t, want.Sizes, got.Sizes)
		require.Equal(t, want.Index, got.Index)
		require.Equal(t, want.Classes, got.Classes)
		require.True(t, sameNorm(want.Norm, got.Norm))
		given := Given{N: 2, Classes: []int{0, 1}}
		if want.Index > 0 {
			given.Low = tensor.RandN(newRand(1), 2, 8, 8, 3)
		}
		require.Equal(t, want.Level.Sample(given, newRand(2)).Data(), got.Level.Sample(given, newRand(2)).Data())

		b, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = Open(b, "embedded")
		require.NoError(t, err)
		_, err = Open(b[:len(b)/2], "half")
		require.Error(t, err)
	}
	require.ErrorContains(t, Save(filepath.Join(dir, "x"), Trained{Level: flat(4), Sizes: []int{4}}, 0, nil), "cannot be saved")
}

// tinted is a level of one's own with a number that is learned.
type tinted struct {
	Tint *autograd.Var `nn:"tint"`
	side int
}

func (l *tinted) Sample(given Given, _ *rand.Rand) *tensor.Tensor {
	return tensor.Full(l.Tint.Item(), given.N, l.side, l.side, 3)
}

func (l *tinted) Describe() (string, any) { return "tinted", l.side }

// A user's own level is saved and read like those of the package.
func TestDescribedLevelsAreSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own")
	own := &tinted{autograd.Const(tensor.Full(0.25, 1)), 4}
	require.NoError(t, Save(path, Trained{Level: own, Sizes: []int{4, 8}}, 0, nil))
	kind := Kind{"tinted", func(options json.RawMessage) (Level, error) {
		l := &tinted{Tint: autograd.Const(tensor.New(1))}
		return l, json.Unmarshal(options, &l.side)
	}}
	got, err := OpenFile(path, kind)
	require.NoError(t, err)
	require.Equal(t, own.Sample(Given{N: 2}, nil).Data(), got.Level.Sample(Given{N: 2}, nil).Data())
	_, err = OpenFile(path)
	require.ErrorContains(t, err, `no kind of level "tinted"`)
	_, err = OpenFile(path, Kind{"tinted", func(json.RawMessage) (Level, error) { return nil, nil }})
	require.ErrorContains(t, err, "made no level")
}

func TestForeignFilesAreErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	write := func(architecture string, options any) {
		require.NoError(t, checkpoint.Save(path, NewDense(DenseOptions{Side: 2, Hidden: 2}, newRand(1)), checkpoint.NewManifest(architecture, options)))
	}
	write("srresnet", nil)
	_, err := OpenFile(path)
	require.ErrorContains(t, err, "srresnet")
	for want, h := range map[string]header{
		"too few":               {Kind: "dense", Net: []byte(`{"side":8,"hidden":100000}`), Sizes: []int{8}},
		"negative":              {Kind: "conv", Net: []byte(`{"side":8,"width":-4}`), Sizes: []int{8}},
		"no kind of level":      {Kind: "vae", Sizes: []int{8}},
		"no level 3":            {Kind: "dense", Sizes: []int{8}, Index: 3},
		"no operator":           {Kind: "dense", Sizes: []int{8}, Operator: "cubic"},
		"network for 2×2":       {Kind: "dense", Net: []byte(`{"side":2,"hidden":2}`), Sizes: []int{8}},
		"a normalisation of":    {Kind: "dense", Net: []byte(`{"side":2,"hidden":2}`), Sizes: []int{2}, Norm: []int{1 << 30, 1 << 30, 3}},
		"unknown field":         {Kind: "lsun", Net: []byte(`{"depth":2}`), Sizes: []int{8}},
		"no kind \"attention\"": {Kind: "quantised", Net: []byte(`{"model":{"kind":"attention"}}`), Sizes: []int{8}},
	} {
		write(Architecture, h)
		_, err := OpenFile(path)
		require.ErrorContains(t, err, want)
	}
}

func TestAssemble(t *testing.T) {
	l := trained()
	p, err := Assemble(l[2], l[0])
	require.NoError(t, err)
	require.Equal(t, []int{3, 8, 8, 3}, p.Sample(newRand(1), Class(0, 1, 1)).Result().Shape())
	other := l[2]
	other.Norm = SignedNorm(3)
	for want, levels := range map[string][]Trained{
		"no levels": nil, "of size 8 is missing": {l[0]}, "two levels": {l[0], l[1]},
		"do not make one pyramid": {l[0], l[5]}, "normalised in another way": {l[0], other},
	} {
		_, err := Assemble(levels...)
		require.ErrorContains(t, err, want)
	}
}

func TestKeepBest(t *testing.T) {
	dir := t.TempDir()
	level := trained()[2]
	scores := []float64{5, 3, 4, 2}
	run := KeepBest(train.Run{Dir: dir, Steps: 3, EvalEvery: 1, Progress: io.Discard, Eval: func(*train.View) (map[string]float64, error) {
		return map[string]float64{"other": 1}, nil
	}}, func(v *train.View) (float64, error) { return scores[v.Step], nil }, func(*train.View) Trained { return level })
	g := level.Level.(*Conv)
	game := Game{Generator: g, Discriminator: NewConvDiscriminator(g.Options, newRand(3)), Classes: 2}
	m := synthetic.Shapes(16, 1, synthetic.ShapeOptions{Side: 8})
	for i := range m.Labels {
		m.Labels[i] %= 2
	}
	src, err := Data{Images: m, Sizes: level.Sizes, Level: 1, Norm: level.Norm, Batch: 8}.Source()
	require.NoError(t, err)
	play := func() {
		require.NoError(t, train.Play(context.Background(), run, game.Players(PaperSGD(2), PaperSGD(2)), src))
	}
	step := func() int {
		m, err := checkpoint.ReadManifest(filepath.Join(dir, BestName))
		require.NoError(t, err)
		return m.Step
	}
	run.Steps = 2
	play()
	require.Equal(t, 1, step(), "step 2 was worse")
	run.Steps = 3
	play()
	require.Equal(t, 3, step(), "the score of the earlier part of the run is known")
	_, err = OpenFile(filepath.Join(dir, BestName))
	require.NoError(t, err)
}

// A pyramid of an autoregressive base, a convolutional GAN and an autoregressive level above is trained and sampled end to end.
func TestMixedPyramid(t *testing.T) {
	rng := newRand(1)
	m := synthetic.Shapes(24, 1, synthetic.ShapeOptions{Side: 8})
	sizes, norm := []int{2, 4, 8}, ChannelNorm(m, 0)
	base := NewQuantised(pixelrnn.New(pixelrnn.Options{Kind: pixelrnn.RowLSTM, Height: 2, Width: 2, Values: 8, Hidden: 4, Layers: 1, Classes: 10}, rng), 3)
	o := ConvOptions{Side: 4, Width: 4, Classes: 10}
	game := Game{Generator: NewConv(o, rng), Discriminator: NewConvDiscriminator(o, rng), Classes: 10}
	top := NewQuantised(pixelrnn.New(pixelrnn.Options{Height: 8, Width: 8, Values: 8, Hidden: 4, Layers: 1, Low: 3}, rng), 1)
	players := [][]train.Player[Batch]{{base.Player(nil)}, game.Players(PaperSGD(3), PaperSGD(3)), {top.Player(optim.Adam{Rate: 1e-3})}}
	for k, p := range players {
		var src data.Source[Batch]
		src, err := Data{Images: m, Sizes: sizes, Level: k, Norm: norm, Batch: 8}.Source()
		require.NoError(t, err)
		require.NoError(t, train.Play(context.Background(), train.Run{Steps: 2, Seed: 1, Progress: io.Discard}, p, src))
	}
	p := Pyramid{Sizes: sizes, Levels: []Level{base, game.Generator.(Level), top}, Norm: norm}
	require.Equal(t, []int{3, 8, 8, 3}, p.Sample(rng, Class(1, 2, 3)).Result().Shape())
}
