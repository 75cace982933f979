package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

const pthDir = "internal/pth/testdata/"

func TestGoldenFiles(t *testing.T) {
	for _, c := range []struct {
		path string
		opts []LoadOptions
	}{
		{path: "testdata/net.safetensors"},
		{path: pthDir + "net.pth"},
		{path: pthDir + "net_legacy.pth"},
		{path: pthDir + "wrapped.pth"},
		{path: pthDir + "wrapped.pth", opts: []LoadOptions{{Part: "state_dict"}}},
		{path: pthDir + "run.pth", opts: []LoadOptions{{Part: "params_ema"}}},
	} {
		n := newNet(1)
		require.NoError(t, Load(n, c.path, c.opts...), c.path)
		require.Equal(t, goldenValues(), values(n), c.path)

		b, err := os.ReadFile(c.path)
		require.NoError(t, err)
		n = newNet(2)
		require.NoError(t, LoadBytes(n, b, c.opts...), c.path)
		require.Equal(t, goldenValues(), values(n), c.path)
	}
}

// wide is net with other shapes and names.
type wide struct {
	Conv  *nn.Conv2D `nn:"conv"`
	First *nn.Linear `nn:"first"`
}

func TestMismatches(t *testing.T) {
	rng := tensorRand()
	m := &wide{nn.NewConv2D(4, 3, 2, nn.ConvOptions{KernelW: 1}, rng), nn.NewLinear(5, 6, nn.LinearOptions{}, rng)}
	before := values(m)
	path := "testdata/net.safetensors"
	err := Load(m, path)
	require.EqualError(t, err, `checkpoint: testdata/net.safetensors: tensor "conv.weight" is 3×2×2×1, the model wants 3×4×2×1; `+
		`missing "first.weight", "first.bias"; not in the model: "norm.bias", "norm.running_mean", "norm.running_var", "norm.weight", "out.bias" and 1 more`)
	var bad *Mismatch
	require.ErrorAs(t, err, &bad)
	require.Len(t, bad.Extra, 6)
	require.Equal(t, []BadShape{{Lookup{Name: "conv.weight"}, []int{3, 2, 2, 1}, []int{3, 4, 2, 1}}}, bad.Misshapen)
	requireUntouched(t, m, before)

	// Everything fits but one shape: the sentence that users are promised.
	err = Load(m, path, LoadOptions{
		Ignore: func(name string) bool { return strings.HasPrefix(name, "norm.") || strings.HasPrefix(name, "out.") },
		Rename: func(name string) string {
			if strings.HasPrefix(name, "first.") {
				return ""
			}
			return name
		},
	})
	require.EqualError(t, err, `checkpoint: testdata/net.safetensors: tensor "conv.weight" is 3×2×2×1, the model wants 3×4×2×1`)
	requireUntouched(t, m, before)

	// A renamed tensor is named as it was looked for, and as the network calls it.
	err = Load(m, path, LoadOptions{Rename: func(name string) string { return strings.Replace(name, "first", "out", 1) }, Ignore: func(string) bool { return true }})
	require.EqualError(t, err, `checkpoint: testdata/net.safetensors: tensor "conv.weight" is 3×2×2×1, the model wants 3×4×2×1 (and 2 more of another shape)`)
	require.ErrorAs(t, err, &bad)
	require.Equal(t, Lookup{"out.weight", "first.weight"}, bad.Misshapen[1].Lookup)
	requireUntouched(t, m, before)

	err = Load(m.Conv, path, LoadOptions{Rename: func(name string) string { return "features.0." + name }, Ignore: func(string) bool { return true }})
	require.EqualError(t, err, `checkpoint: testdata/net.safetensors: missing "features.0.weight" (for "weight"), "features.0.bias" (for "bias")`)
	requireUntouched(t, m, before)

	err = Load(newNet(1), pthDir+"run.pth")
	require.ErrorContains(t, err, `missing "conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean" and 3 more; not in the model: "params.conv.weight"`)
	err = Load(newNet(1), pthDir+"run.pth", LoadOptions{Part: "ema"})
	require.EqualError(t, err, `checkpoint: internal/pth/testdata/run.pth: no tensor is in the part "ema"; there is "params", "params_ema", "optimizer"`)
	require.Panics(t, func() { _ = Load(m, path, LoadOptions{}, LoadOptions{}) })
}

func TestRenameAndPartialLoading(t *testing.T) {
	type vgg struct {
		Features *nn.Conv2D `nn:"first"`
		Head     *nn.Linear `nn:"head"`
	}
	m := &vgg{newNet(1).Conv, nn.NewLinear(2, 2, nn.LinearOptions{}, tensorRand())}
	head := values(m)["head.weight"]
	require.NoError(t, Load(m, pthDir+"net.pth", LoadOptions{
		Rename: func(name string) string {
			if rest, ok := strings.CutPrefix(name, "first."); ok {
				return "conv." + rest
			}
			return ""
		},
		Ignore: func(name string) bool { return !strings.HasPrefix(name, "conv.") },
	}))
	require.Equal(t, goldenValues()["conv.weight"], values(m)["first.weight"])
	require.Equal(t, head, values(m)["head.weight"])
}

func TestBadFilesLeaveTheNetwork(t *testing.T) {
	dir := t.TempDir()
	m := newNet(1)
	before := values(m)
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o644))
		return path
	}
	var good bytes.Buffer
	require.NoError(t, Write(&good, newNet(2), Manifest{Architecture: "net"}))
	flipped := bytes.Clone(good.Bytes())
	flipped[len(flipped)-3] ^= 4

	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "none"), "no such file or directory"},
		{dir, "not a regular file"},
		{write("empty", nil), "0 bytes are too few"},
		{write("text.safetensors", []byte("these are not the weights you are looking for")), "not a safetensors file"},
		{write("cut", good.Bytes()[:good.Len()/2]), "cut short"},
		{write("flipped", flipped), "the file is damaged: its checksum does not hold"},
		{pthDir + "evil.pth", `names "posix.system"`},
	} {
		err := Load(m, c.path)
		require.ErrorContains(t, err, "checkpoint: "+c.path+": ")
		require.ErrorContains(t, err, c.want)
		require.Equal(t, strings.Contains(c.want, "damaged"), errors.Is(err, ErrDamaged))
		require.Equal(t, 1, strings.Count(err.Error(), c.path), "the file is named once: %v", err)
		requireUntouched(t, m, before)
	}
	require.ErrorContains(t, LoadBytes(m, []byte("x")), "checkpoint: embedded weights: ")
}

func TestEveryByteOfACheckpointMatters(t *testing.T) {
	var good bytes.Buffer
	require.NoError(t, Write(&good, newNet(2), Manifest{Architecture: "net", Seed: 3, Facts: map[string]string{"data": "photos"}}))
	m := newNet(1)
	before := values(m)
	b := good.Bytes()
	for i := range b {
		require.Error(t, LoadBytes(m, b[:i]), "the first %d bytes", i)
		b[i] ^= 1 << (i % 8)
		require.Error(t, LoadBytes(m, b), "byte %d", i)
		b[i] ^= 1 << (i % 8)
	}
	requireUntouched(t, m, before)
	require.NoError(t, LoadBytes(m, b))
}

func TestNonFiniteNumbers(t *testing.T) {
	bad := newNet(2)
	bad.Norm.RunningVar.Data()[1] = float32(math.NaN())
	var b bytes.Buffer
	require.NoError(t, Write(&b, bad, Manifest{}))
	m := newNet(1)
	before := values(m)
	require.EqualError(t, LoadBytes(m, b.Bytes()), `checkpoint: embedded weights: tensor "norm.running_var" holds NaN at element 1`)
	requireUntouched(t, m, before)
	require.NoError(t, LoadBytes(m, b.Bytes(), LoadOptions{AllowNonFinite: true}))
	require.True(t, math.IsNaN(float64(m.Norm.RunningVar.Data()[1])))
}

// drawn is a network of tensors of any shape, some of them stored in another order.
type drawn struct {
	Parts []*part `nn:"parts"`
}

type part struct {
	Value  *autograd.Var  `nn:"value"`
	State  *tensor.Tensor `nn:"state"`
	layout nn.Layout
}

func (p *part) DiskLayout(field string) nn.Layout {
	if field == "value" {
		return p.layout
	}
	return nn.Layout{}
}

func drawNet(t *rapid.T, shapes [][]int, perms [][]int) *drawn {
	d := &drawn{}
	for i, shape := range shapes {
		p := &part{Value: autograd.Const(tensor.New(shape...)), State: tensor.New(rapid.IntRange(0, 3).Draw(t, "n"))}
		disk := make([]int, len(shape))
		for a, from := range perms[i] {
			disk[a] = shape[from]
		}
		p.layout = nn.Layout{View: shape, Perm: perms[i], Disk: disk}
		for j := range p.Value.Value().Data() {
			p.Value.Value().Data()[j] = float32(rapid.IntRange(-2048, 2048).Draw(t, "x")) // exact in half, too
		}
		d.Parts = append(d.Parts, p)
	}
	return d
}

func TestRoundTripsOfAnyNetwork(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		var shapes, perms [][]int
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			shape := rapid.SliceOfN(rapid.IntRange(1, 4), 1, 4).Draw(t, "shape")
			axes := make([]int, len(shape))
			for i := range axes {
				axes[i] = i
			}
			shapes = append(shapes, shape)
			perms = append(perms, rapid.Permutation(axes).Draw(t, "perm"))
		}
		d := drawNet(t, shapes, perms)
		want := values(d)
		path := filepath.Join(dir, "net.safetensors")
		for _, save := range []func(string, any, Manifest) error{Save, SaveHalf} {
			require.NoError(t, save(path, d, Manifest{}))
			for _, p := range d.Parts {
				p.Value.Value().Fill(-1)
				p.State.Fill(-1)
			}
			require.NoError(t, Load(d, path))
			require.Equal(t, want, values(d))
		}
	})
}

func TestOpenListsTensors(t *testing.T) {
	f, err := Open(pthDir + "odd.pth")
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, Info{"transposed", "F32", []int{6, 4}}, f.Tensors()[1])
	x, err := f.Tensor("transposed")
	require.NoError(t, err)
	require.Equal(t, []int{6, 4}, x.Shape())
	require.Equal(t, float32(6)/8, x.At(0, 1))
	_, err = f.Tensor("none")
	require.EqualError(t, err, `checkpoint: internal/pth/testdata/odd.pth: no tensor "none"`)
	_, err = f.Manifest()
	require.ErrorIs(t, err, ErrNoManifest)

	g, err := Open("testdata/net.safetensors")
	require.NoError(t, err)
	defer g.Close()
	require.Equal(t, "pt", g.Metadata()["format"])
	x, err = g.Tensor("norm.weight")
	require.NoError(t, err)
	require.Equal(t, ramp(200, 3), x.Data())
}

func FuzzLoad(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, Write(&b, newNet(2), Manifest{Architecture: "net"}))
	f.Add(b.Bytes())
	for _, path := range []string{"testdata/net.safetensors", pthDir + "net.pth", pthDir + "net_legacy.pth"} {
		b, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Add(binary.LittleEndian.AppendUint64(nil, 2))
	m := newNet(1)
	before := values(m)
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := LoadBytes(m, b); err == nil {
			before = values(m)
			return
		}
		requireUntouched(t, m, before)
	})
}
