package checkpoint

import (
	"bytes"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

func encodeToBytes(t require.TestingT, s *State) []byte {
	var b bytes.Buffer
	require.NoError(t, encodeState(&b, s, nil))
	return b.Bytes()
}

func decodeBytes(b []byte) (*State, error) {
	s, _, err := decodeState(bytes.NewReader(b), int64(len(b)))
	return s, err
}

// Every kind of array comes back bit for bit, NaNs and negative zeros included.
func TestStatesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &State{Meta: rapid.MapOf(rapid.StringMatching(`[a-z.é"]{0,9}`), rapid.StringMatching(`[ -~\n]*`)).Draw(t, "meta")}
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 3).Draw(t, "shape")
		x := tensor.New(shape...)
		for i := range x.Data() {
			x.Data()[i] = math.Float32frombits(rapid.Uint32().Draw(t, "f32"))
		}
		var floats []float64
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			floats = append(floats, math.Float64frombits(rapid.Uint64().Draw(t, "f64")))
		}
		ints := rapid.SliceOfN(rapid.Int64(), 0, 5).Draw(t, "ints")
		raw := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes")
		s.AddTensor("adam.m.0", x)
		s.AddFloats("floats", floats...)
		s.AddInts("ints", ints...)
		s.AddBytes("rng", raw)

		got, err := decodeBytes(encodeToBytes(t, s))
		require.NoError(t, err)
		require.Equal(t, len(s.Meta), len(got.Meta))
		for k, v := range s.Meta {
			require.Equal(t, v, got.Meta[k])
		}
		require.ElementsMatch(t, s.Names(), got.Names())
		y, err := got.Tensor("adam.m.0")
		require.NoError(t, err)
		require.True(t, tensor.SameShape(x, y))
		for i, v := range x.Data() {
			require.Equal(t, math.Float32bits(v), math.Float32bits(y.Data()[i]))
		}
		f, err := got.Floats("floats")
		require.NoError(t, err)
		require.Len(t, f, len(floats))
		for i, v := range floats {
			require.Equal(t, math.Float64bits(v), math.Float64bits(f[i]))
		}
		i, err := got.Ints("ints")
		require.NoError(t, err)
		require.Equal(t, append([]int64{}, ints...), append([]int64{}, i...))
		b, err := got.Bytes("rng")
		require.NoError(t, err)
		require.Equal(t, append([]byte{}, raw...), append([]byte{}, b...))
		// A state that was read can be written again, and gives the same file.
		require.Equal(t, encodeToBytes(t, got), encodeToBytes(t, got))
	})
}

func TestRandomSourcesGoOn(t *testing.T) {
	src := rand.NewPCG(5, 6)
	src.Uint64()
	b, err := src.MarshalBinary()
	require.NoError(t, err)
	var s State
	s.AddBytes("rng", b)
	got, err := decodeBytes(encodeToBytes(t, &s))
	require.NoError(t, err)
	b, err = got.Bytes("rng")
	require.NoError(t, err)
	again := rand.NewPCG(0, 0)
	require.NoError(t, again.UnmarshalBinary(b))
	require.Equal(t, src.Uint64(), again.Uint64())
}

func TestModelsInStates(t *testing.T) {
	g, d := newNet(1), newNet(2)
	g.Norm.RunningVar.Data()[0] = float32(math.Inf(1)) // a state tells what was, good or bad
	var s State
	s.AddModel("generator", g)
	s.AddModel("critic", d)
	path := filepath.Join(t.TempDir(), "a.state")
	require.NoError(t, WriteState(path, &s))
	read, err := ReadState(path)
	require.NoError(t, err)
	g2, d2 := newNet(3), newNet(4)
	require.NoError(t, read.RestoreModel("generator", g2))
	require.NoError(t, read.RestoreModel("critic", d2))
	require.Equal(t, values(g), values(g2))
	require.Equal(t, values(d), values(d2))

	// The weights can be taken from the state like from any checkpoint.
	g3 := newNet(5)
	require.NoError(t, Load(g3, path, LoadOptions{Part: "critic"}))
	require.Equal(t, values(d), values(g3))

	type other struct {
		Conv *nn.Conv2D `nn:"conv"`
	}
	o := &other{newNet(6).Conv}
	before := values(o)
	require.EqualError(t, read.RestoreModel("critic", o), `checkpoint: state: not in the model: "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "out.weight" and 1 more`)
	require.ErrorContains(t, read.RestoreModel("ema", o), `no tensor is in the part "ema"`)
	requireUntouched(t, o, before)
}

func TestStateErrors(t *testing.T) {
	var s State
	s.AddTensor("x", tensor.New(2, 3))
	s.AddInts("n", 1, 2)
	require.True(t, s.Has("x"))
	require.False(t, s.Has("y"))
	_, err := s.Tensor("y")
	require.EqualError(t, err, `checkpoint: state: no array "y"`)
	_, err = s.Floats("x")
	require.EqualError(t, err, `checkpoint: state: array "x" is of format F32, want F64`)
	_, err = s.Int("n")
	require.EqualError(t, err, `checkpoint: state: "n" has 2 integers, want 1`)
	_, err = s.Int("x")
	require.Error(t, err)
	s.AddInts("step", 7)
	n, err := s.Int("step")
	require.NoError(t, err)
	require.Equal(t, int64(7), n)
	require.EqualError(t, s.RestoreTensor("x", tensor.New(3, 2)), `checkpoint: state: tensor "x" is 2×3, want 3×2`)
	require.Error(t, s.RestoreTensor("y", tensor.New(3, 2)))
	dst := tensor.Full(1, 2, 3)
	require.NoError(t, s.RestoreTensor("x", dst))
	require.Equal(t, make([]float32, 6), dst.Data())
	require.Panics(t, func() { s.AddBytes("x", nil) })

	require.ErrorContains(t, WriteState(filepath.Join(t.TempDir(), "a"), &State{Meta: map[string]string{"a": "\xff"}}), "not valid UTF-8")
	_, err = ReadState("testdata/net.safetensors")
	require.EqualError(t, err, "checkpoint: testdata/net.safetensors: is not a training state")
	_, err = ReadState(filepath.Join(t.TempDir(), "none"))
	require.ErrorContains(t, err, "no such file")
}

func TestEveryByteOfAStateMatters(t *testing.T) {
	s := &State{Meta: map[string]string{"seed": "1"}}
	s.AddTensor("x", tensor.Arange(5))
	s.AddInts("n", 3)
	s.AddFloats("f", 0.5)
	s.AddBytes("b", []byte("abc"))
	b := encodeToBytes(t, s)
	for i := range b {
		_, err := decodeBytes(b[:i])
		require.Error(t, err, "the first %d bytes", i)
		for bit := range 8 {
			b[i] ^= 1 << bit
			_, err = decodeBytes(b)
			require.Error(t, err, "bit %d of byte %d", bit, i)
			b[i] ^= 1 << bit
		}
	}
	_, err := decodeBytes(b)
	require.NoError(t, err)
}

func FuzzState(f *testing.F) {
	s := &State{Meta: map[string]string{"seed": "1"}}
	s.AddTensor("x", tensor.Arange(5))
	s.AddInts("n", 3)
	f.Add(encodeToBytes(f, s))
	f.Add(encodeToBytes(f, &State{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeBytes(b)
		if err != nil {
			return
		}
		again, err := decodeBytes(encodeToBytes(t, s))
		require.NoError(t, err)
		require.Equal(t, s.Names(), again.Names())
	})
}
