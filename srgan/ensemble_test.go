package srgan

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

func TestTurnBack(t *testing.T) {
	x := tensor.RandU(rand.New(rand.NewPCG(1, 2)), 0, 1, 3, 5, 3)
	for way := range ways {
		require.Equal(t, x.Data(), turnBack(data.Turn(x, way), way).Data(), way)
	}
}

// What a network makes of a picture depends on how it lies; the mean over all ways does not.
func TestEnsembleDoesNotDependOnHowThePictureLies(t *testing.T) {
	u := NewUpscaler(small(Options{Channels: 8, Blocks: 1}, 21))
	x := tensor.RandU(rand.New(rand.NewPCG(3, 4)), 0, 1, 9, 12, 3)
	apart := func() (most float64) {
		want, err := u.Tensor(context.Background(), x)
		require.NoError(t, err)
		for way := range ways {
			got, err := u.Tensor(context.Background(), data.Turn(x, way))
			require.NoError(t, err)
			got = turnBack(got, way)
			for i, v := range want.Data() {
				most = max(most, float64(v-got.Data()[i]), float64(got.Data()[i]-v))
			}
		}
		return most
	}
	require.Greater(t, apart(), 1e-3)
	calls := 0
	u.Progress = func(done float64) { calls++ }
	u.Ensemble = true
	require.Less(t, apart(), 1e-5)
	require.NotZero(t, calls)

	whole, err := u.Tensor(context.Background(), x)
	require.NoError(t, err)
	err = u.Blocks(context.Background(), x, func(top, left int, block *tensor.Tensor) error {
		require.Zero(t, top+left)
		require.Equal(t, whole.Data(), block.Data())
		return nil
	})
	require.NoError(t, err)
}
