package srgan

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestParameterCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		opts Options
		want int
	}{
		{Options{}, 1_547_350},
		{Options{SlopePerChannel: true}, 1_548_547},
		{Options{Scale: 2}, 1_399_637},
	} {
		require.Equal(t, c.want, nn.NumParams(NewSRResNet(c.opts, rng)), "%+v", c.opts)
	}
}

// small returns a network with normalisation statistics that are not those of a new one.
func small(o Options, seed uint64) *SRResNet {
	rng := rand.New(rand.NewPCG(seed, 2))
	g := NewSRResNet(o, rng)
	for _, e := range nn.Walk(g) {
		if e.State != nil {
			tensor.RandUInto(e.State, rng, 0.5, 1.5)
		} else if e.Param.Rank() == 1 {
			tensor.RandUInto(e.Param.Value(), rng, -0.2, 0.8)
		}
	}
	return g
}

func TestStreamAgreesWithForward(t *testing.T) {
	for _, o := range []Options{
		{Channels: 8, Blocks: 2},
		{Channels: 16, Blocks: 1, Scale: 2, SlopePerChannel: true},
		{Channels: 4, Blocks: 0, Scale: 8, NoNorm: true},
	} {
		g := small(o, 3)
		for _, size := range [][2]int{{1, 1}, {2, 5}, {7, 3}, {13, 22}, {40, 9}} {
			x := tensor.RandU(rand.New(rand.NewPCG(4, 4)), 0, 1, 1, size[0], size[1], 3)
			want := g.Forward(autograd.Const(x), nil).Value()
			u := NewUpscaler(g)
			got, err := u.Tensor(context.Background(), x.Reshape(size[0], size[1], 3))
			require.NoError(t, err)
			expect := tensor.Affine(want, 0.5, 0.5)
			tensor.ClampInto(expect, expect, 0, 1)
			require.Equal(t, expect.Shape()[1:], got.Shape())
			require.InDeltaSlice(t, expect.Data(), got.Data(), 2e-5, "%+v %v", o, size)
		}
	}
}

func TestTilesAndBandsDoNotShow(t *testing.T) {
	g := small(Options{Channels: 16, Blocks: 2}, 5)
	x := tensor.RandU(rand.New(rand.NewPCG(6, 6)), 0, 1, 67, 131, 3)
	u := NewUpscaler(g)
	want, err := u.Tensor(context.Background(), x)
	require.NoError(t, err)
	for _, tile := range []int{4, 8, 20, 33, 64, 100, 1000} {
		u.Tile = tile
		got, err := u.Tensor(context.Background(), x)
		require.NoError(t, err)
		require.Equal(t, want.Data(), got.Data(), "tile %d", tile)
	}
	u.Tile = 0
	for _, memory := range []int64{1, 1 << 20, 4 << 20, 16 << 20} {
		u.Memory = memory
		got, err := u.Tensor(context.Background(), x)
		require.NoError(t, err)
		require.Equal(t, want.Data(), got.Data(), "memory %d", memory)
	}
	for _, band := range []int{4, 8, 28, 64, 100} {
		s := newStream(g, packWeights(g), new(tensor.Arena), 67, 131, band)
		y := 0
		err := s.run(context.Background(), x.Reshape(1, 67, 131, 3), func(rows *tensor.Tensor) {
			part := tensor.Affine(rows, 0.5, 0.5)
			tensor.ClampInto(part, part, 0, 1)
			require.Equal(t, want.Rows(y, y+rows.Dim(1)).Data(), part.Data(), "band %d", band)
			y += rows.Dim(1)
		})
		require.NoError(t, err)
		require.Equal(t, 4*67, y)
	}
	for _, procs := range []int{1, 2, 3, 8} {
		old := runtime.GOMAXPROCS(procs)
		got, err := u.Tensor(context.Background(), x)
		runtime.GOMAXPROCS(old)
		require.NoError(t, err)
		require.Equal(t, want.Data(), got.Data(), "GOMAXPROCS %d", procs)
	}
}

func TestMemoryIsAsPlanned(t *testing.T) {
	g := small(Options{Channels: 16, Blocks: 3}, 7)
	for _, size := range [][2]int{{40, 30}, {400, 30}} {
		planned := streamBytes(g, size[0], size[1], 8)
		s := newStream(g, packWeights(g), new(tensor.Arena), size[0], size[1], 8)
		x := tensor.New(1, size[0], size[1], 3)
		require.NoError(t, s.run(context.Background(), x, func(*tensor.Tensor) {}))
		n := 0
		for _, m := range s.maps[1:] {
			n += m.buf.Len()
		}
		for _, op := range s.ops {
			if op.wide != nil {
				n += op.wide.Len()
			}
		}
		require.Equal(t, planned, 4*int64(n))
	}
	require.Less(t, streamBytes(g, 4000, 64, 8), streamBytes(g, 400, 64, 8)+1, "memory must not grow with the height")
}

// TestStreamsEnd goes through the motions for every height: at the bottom of an image layers catch up in bands, and none may be
// left waiting for rows that do not come.
func TestStreamsEnd(t *testing.T) {
	for _, o := range []Options{{Channels: 1, Blocks: 2}, {Channels: 1, Blocks: 1, Scale: 2}, {Channels: 1, Scale: 8, Blocks: 1}} {
		g := small(o, 40)
		for height := 1; height <= 120; height++ {
			for _, band := range []int{4, 8, 12, 64} {
				s := dryStream(g, height, 3, band)
				for _, op := range s.ops {
					require.Equal(t, op.in.height, op.done, "height %d, band %d", height, band)
				}
			}
		}
	}
}
