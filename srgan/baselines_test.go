package srgan

import (
	"context"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// baselines are networks of every kind and scale.
func baselines() map[string]Network {
	rng := rand.New(rand.NewPCG(41, 41))
	return map[string]Network{
		"SRCNN ×4":        NewSRCNN(SRCNNOptions{}, rng),
		"SRCNN ×2, 9-5-5": NewSRCNN(SRCNNOptions{Scale: 2, Middle: 5}, rng),
		"ESPCN ×4":        NewESPCN(ESPCNOptions{}, rng),
		"ESPCN ×3":        NewESPCN(ESPCNOptions{Scale: 3}, rng),
		"SRResNet ×4":     small(Options{Channels: 4, Blocks: 1}, 42),
		"deconvolution":   small(Options{Channels: 4, Blocks: 1, Upsampler: Deconv, Reflect: true, Tanh: true}, 43),
	}
}

func TestBaselineCounts(t *testing.T) {
	nets := baselines()
	require.Equal(t, 9*9*3*64+64+64*32+32+5*5*32*3+3, nn.NumParams(nets["SRCNN ×4"]))
	require.Equal(t, 5*5*3*64+64+3*3*64*32+32+3*3*32*48+48, nn.NumParams(nets["ESPCN ×4"]))
}

func TestNetworksOnDisk(t *testing.T) {
	x := tensor.RandU(rand.New(rand.NewPCG(2, 2)), 0, 1, 9, 7, 3)
	for name, g := range baselines() {
		path := filepath.Join(t.TempDir(), "net.safetensors")
		require.NoError(t, Save(path, g, 3))
		u, err := OpenFile(path)
		require.NoError(t, err, name)
		require.IsType(t, g, u.Generator())
		want, err := upscalerOf(g).Tensor(context.Background(), x)
		require.NoError(t, err)
		got, err := u.Tensor(context.Background(), x)
		require.NoError(t, err)
		require.Equal(t, want.Data(), got.Data(), name)
	}
	for arch, bad := range map[string]any{"srcnn": SRCNNOptions{Middle: 2}, "espcn": ESPCNOptions{Scale: 5}} {
		path := filepath.Join(t.TempDir(), "net.safetensors")
		require.NoError(t, checkpoint.Save(path, baselines()["ESPCN ×4"], checkpoint.NewManifest(arch, bad)))
		_, err := OpenFile(path)
		require.ErrorContains(t, err, "srgan: ")
		require.ErrorContains(t, err, path)
	}
}

func TestTilesOfBaselinesDoNotShow(t *testing.T) {
	x := tensor.RandU(rand.New(rand.NewPCG(6, 6)), 0, 1, 9, 70, 3)
	for name, g := range baselines() {
		u := upscalerOf(g)
		want, err := u.Tensor(context.Background(), x)
		require.NoError(t, err)
		for _, tile := range []int{4, 24} {
			u.Tile = tile
			got, err := u.Tensor(context.Background(), x)
			require.NoError(t, err)
			require.Equal(t, want.Data(), got.Data(), "%s, tile %d", name, tile)
		}
	}
}

func upscalerOf(g Network) *Upscaler {
	scale, halo := g.tiling()
	return NewCustomUpscaler(g, scale, halo)
}

func TestBaselinesLearn(t *testing.T) {
	photos := scenes(4, 64)
	patches, err := NewPatches(photos, PatchOptions{Scale: 2, Size: 24, Batch: 8})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(44, 44))
	for _, g := range []Network{NewSRCNN(SRCNNOptions{Scale: 2}, rng), NewESPCN(ESPCNOptions{Scale: 2}, rng)} {
		tape := autograd.NewTape()
		bound := nn.Bind(tape, g)
		b, err := patches.Batch(0, rng)
		require.NoError(t, err)
		loss := nn.MSE(bound.Forward(tape.Const(b.LR), nil), autograd.Const(b.HR))
		for i, d := range autograd.Grad(loss, nn.Params(bound)...) {
			require.NotZero(t, tensor.Norm(d), "parameter %d of %T", i, g)
		}
		var first, last float64
		run := train.Run{Steps: 60, Seed: 1, Progress: io.Discard, LogEvery: 20, OnLog: func(r train.Record) error {
			last = float64(r.Terms["generator/mse"])
			if r.Step == 20 {
				first = last
			}
			return nil
		}}
		require.NoError(t, train.Play(context.Background(), run, []train.Player[Pair]{MSE(g, optim.Adam{Rate: 1e-3})}, data.Source[Pair](patches)))
		require.Less(t, last, 0.5*first, "%T", g)
	}
}
