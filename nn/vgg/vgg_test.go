package vgg

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

func TestParameterCounts(t *testing.T) {
	for _, c := range []struct {
		last Tap
		want int
	}{{VGG54, 20_024_384}, {VGG22, 260_160}, {Tap{1, 1}, 1_792}} {
		v := New(Options{Taps: []Tap{c.last}}, newRand())
		require.Equal(t, c.want, nn.NumParams(v), "%v", c.last)
	}
	names := nn.Walk(New(Options{Width: 1}, newRand()))
	require.Equal(t, "features.0.weight", names[0].Name)
	require.Equal(t, "features.34.bias", names[len(names)-1].Name)
	require.Len(t, names, 32)
}

// golden is what testdata/make.py computed with PyTorch in float64.
type golden struct {
	t    *testing.T
	file *checkpoint.File
}

func openGolden(t *testing.T) golden {
	f, err := checkpoint.Open(filepath.Join("testdata", "golden.pth"))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return golden{t, f}
}

// images returns an array of images, stored (N,C,H,W).
func (g golden) images(name string) *tensor.Tensor {
	x, err := g.file.Tensor(name)
	require.NoError(g.t, err)
	return tensor.Permute(x, 0, 2, 3, 1)
}

func close32(t *testing.T, want, got *tensor.Tensor, what string) {
	t.Helper()
	require.Equal(t, want.Shape(), got.Shape(), what)
	diff := tensor.Norm(tensor.Sub(want, got))
	require.LessOrEqual(t, diff, 2e-5*tensor.Norm(want)+1e-9, what)
	require.NotZero(t, tensor.Norm(want), what)
}

var tiny = filepath.Join("testdata", "tiny.pth")

func TestAgainstPyTorch(t *testing.T) {
	g := openGolden(t)
	x := g.images("x")
	taps := []Tap{{1, 2}, {2, 2}, {5, 4}}
	for _, before := range []bool{false, true} {
		v, err := Load(tiny, Options{Taps: taps, Width: 2, BeforeReLU: before})
		require.NoError(t, err)
		kind := map[bool]string{false: "after.", true: "before."}[before]
		tape := autograd.NewTape()
		for name, maps := range map[string][]*autograd.Var{
			"constant": v.Maps(autograd.Const(x)), "constant on a tape": v.Maps(tape.Const(x)), "leaf": v.Maps(tape.Leaf(x)),
			"weights that learn": nn.Bind(tape, v).Maps(tape.Const(x)),
		} {
			require.Len(t, maps, 3)
			for i, m := range maps {
				close32(t, g.images(kind+taps[i].String()), m.Value(), name+" "+taps[i].String())
			}
		}
	}
	v, err := Load(tiny, Options{Taps: []Tap{VGG22}, Width: 2, Input: Caffe})
	require.NoError(t, err)
	close32(t, g.images("caffe.2.2"), v.Maps(autograd.Const(x))[0].Value(), "caffe")
}

func TestGradientReachesTheImageOnly(t *testing.T) {
	g := openGolden(t)
	v, err := Load(tiny, Options{Taps: []Tap{VGG22, VGG54}, Width: 2})
	require.NoError(t, err)
	tape := autograd.NewTape()
	x := tape.Leaf(g.images("x"))
	maps := v.Maps(x)
	loss := autograd.Add(
		autograd.Sum(autograd.Mul(maps[0], autograd.Const(g.images("g.2.2")))),
		autograd.Sum(autograd.Mul(maps[1], autograd.Const(g.images("g.5.4")))))
	close32(t, g.images("grad.x"), autograd.Grad(loss, x)[0], "gradient")
	recorded := autograd.GradOnTape(loss, x)[0]
	close32(t, g.images("grad.x"), recorded.Value(), "gradient on the tape")
	for _, p := range nn.Params(v) {
		require.False(t, p.IsRecorded())
	}

	// Bound, the weights learn from an image that is constant.
	bound := nn.Bind(tape, v)
	out := bound.Maps(tape.Const(g.images("x")))
	for i, d := range autograd.Grad(autograd.Sum(out[1]), nn.Params(bound)...) {
		require.NotZero(t, tensor.Norm(d), "parameter %d", i)
	}
}

func TestSecondOrder(t *testing.T) {
	v := New(Options{Taps: []Tap{{1, 1}}, Width: 4, Input: Plain}, newRand())
	x := tensor.RandU(newRand(), -1, 1, 1, 4, 4, 3)
	tape := autograd.NewTape()
	leaf := tape.Leaf(x)
	// The map is linear between kinks: the gradient of ½|map|² is Jᵀ·J·x-like, and differentiates again to something else than 0.
	loss := autograd.Sum(autograd.Square(v.Maps(leaf)[0]))
	g := autograd.GradOnTape(loss, leaf)[0]
	h := autograd.Grad(autograd.Sum(autograd.Square(g)), leaf)[0]
	// Along g the second derivative is that of a quadratic form, which central differences give exactly between kinks.
	at := func(eps float32) *tensor.Tensor {
		y := x.Clone()
		tensor.AddScaledInto(y, g.Value(), eps)
		tp := autograd.NewTape()
		l := tp.Leaf(y)
		return autograd.Grad(autograd.Sum(autograd.Square(v.Maps(l)[0])), l)[0].Clone()
	}
	const eps = 1e-4
	diff := tensor.Affine(tensor.Sub(at(eps), at(-eps)), 1/eps, 0) // 2·H·g, as is the derivative of |g|²
	require.InDelta(t, 0, tensor.Norm(tensor.Sub(diff, h))/tensor.Norm(h), 2e-2)
}

func TestSteadyMemory(t *testing.T) {
	v := New(Options{Taps: []Tap{VGG54}, Width: 4}, newRand())
	x := tensor.RandU(newRand(), -1, 1, 2, 32, 32, 3)
	tape := autograd.NewTape()
	v.Maps(tape.Const(x))
	infer := tape.Bytes()
	require.Less(t, infer, int64(5*4*x.Len()/3*4), "two buffers of the largest layer, the prepared image and the map")
	for range 3 {
		tape.Reset()
		v.Maps(tape.Const(x))
	}
	require.Equal(t, infer, tape.Bytes())
}

func TestLoadSays(t *testing.T) {
	v, err := Load(tiny, Options{Taps: []Tap{VGG22}, Width: 2})
	require.NoError(t, err)
	require.Equal(t, "vgg19-2.2 (width 2)", v.Name())
	_, err = Load(tiny, Options{Width: 4})
	require.ErrorContains(t, err, `tensor "features.0.weight" is 2×3×3×3, the model wants 4×3×3×3`)
	_, err = Load(filepath.Join(t.TempDir(), "vgg19.pth"), Options{})
	require.ErrorContains(t, err, "vgg19.pth")
	// Without the option, what is left over is an error, as with any other network.
	err = checkpoint.Load(New(Options{Taps: []Tap{VGG22}, Width: 2}, newRand()), tiny)
	require.ErrorContains(t, err, "not in the model: ")
	for name, want := range map[string]bool{
		"classifier.6.bias": true, "features.34.weight": true, "features.36.weight": false, "features.0.gamma": false,
		"classifier.7.bias": false, "features.1234567890123456789012.bias": false, "head.weight": false,
	} {
		require.Equal(t, want, Surplus(name), name)
	}
}

func TestSaveAndLoad(t *testing.T) {
	v, err := Load(tiny, Options{Width: 2, Input: Caffe})
	require.NoError(t, err)
	v.Weights = "trained on photos"
	path := filepath.Join(t.TempDir(), "vgg.safetensors")
	require.NoError(t, Save(path, v))
	again, err := Load(path, Options{Taps: []Tap{VGG22, VGG54}})
	require.NoError(t, err)
	require.Equal(t, "vgg19-2.2+5.4 (width 2, trained on photos)", again.Name())
	x := autograd.Const(tensor.RandU(newRand(), -1, 1, 1, 16, 16, 3))
	require.Equal(t, v.Maps(x)[0].Value().Data(), again.Maps(x)[1].Value().Data())

	b, err := os.ReadFile(path)
	require.NoError(t, err)
	same, err := Read(b, "embedded", Options{})
	require.NoError(t, err)
	require.Equal(t, v.Maps(x)[0].Value().Data(), same.Maps(x)[0].Value().Data())
	_, err = Read(b[:100], "embedded", Options{})
	require.ErrorContains(t, err, "embedded")
	require.NoError(t, SaveHalf(path, v))
	half, err := Load(path, Options{})
	require.NoError(t, err)
	require.Equal(t, v.Name(), half.Name())
	require.InDeltaSlice(t, v.Maps(x)[0].Value().Data(), half.Maps(x)[0].Value().Data(), 1e-2)

	// Torchvision's weights may come as safetensors, too: without a manifest.
	require.NoError(t, checkpoint.Save(path, v, checkpoint.NewManifest("painter", nil)))
	_, err = Load(path, Options{})
	require.ErrorContains(t, err, `holds a network of the kind "painter", not "vgg19-features"`)
	for _, bad := range []any{built{2, "wide"}, built{-1, "caffe"}, built{1 << 20, "caffe"}, map[string]int{"wings": 2}} {
		require.NoError(t, checkpoint.Save(path, v, checkpoint.NewManifest(Architecture, bad)))
		_, err = Load(path, Options{})
		require.ErrorContains(t, err, "vgg: ")
	}
}

func TestNamesAndTaps(t *testing.T) {
	require.Equal(t, "vgg19-5.4 (random weights)", New(Options{}, newRand()).Name())
	v := New(Options{Width: 8, Taps: []Tap{VGG22, VGG54}, BeforeReLU: true}, newRand())
	v.Weights = "trained on photos"
	require.Equal(t, "vgg19-2.2+5.4 (width 8, before ReLU, trained on photos)", v.Name())
	for b, n := range depths {
		for c := 1; c <= n; c++ {
			tap := Tap{b + 1, c}
			got, err := ParseTap(tap.String())
			require.NoError(t, err)
			require.Equal(t, tap, got)
		}
	}
	for _, s := range []string{"", ".", "2", "2.3", "0.1", "6.1", "5.4.1", "54", "+2.2", "5.", "5.10"} {
		_, err := ParseTap(s)
		require.ErrorContains(t, err, "vgg: no tap ", s)
	}
	require.PanicsWithValue(t, "vgg.New: want taps of VGG19 from the image on, got [5.4 2.2]", func() {
		New(Options{Taps: []Tap{VGG54, VGG22}}, newRand())
	})
	require.Panics(t, func() { v.Maps(autograd.Const(tensor.New(1, 8, 8, 1))) })
}
