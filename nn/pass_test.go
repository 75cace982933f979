package nn_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestPassCommitsInOrder(t *testing.T) {
	state := tensor.FromSlice([]float32{0, 10}, 2)
	value := tensor.FromSlice([]float32{8, 20}, 2)
	p := &nn.Pass{Train: true}
	p.Update(state, value, 0.5)
	p.Update(state, tensor.Full(0, 2), 0.25)
	value.Fill(99) // the pass keeps its own copy
	require.Equal(t, []float32{0, 10}, state.Data(), "nothing changes before Commit")
	p.Commit()
	require.Equal(t, []float32{3, 11.25}, state.Data())
	p.Commit()
	require.Equal(t, []float32{3, 11.25}, state.Data(), "a change is made once")

	p.Update(state, tensor.Full(7, 2), 1)
	p.Discard()
	p.Commit()
	require.Equal(t, []float32{3, 11.25}, state.Data())
	p.Update(state, tensor.Full(7, 2), 1)
	p.Commit()
	require.Equal(t, []float32{7, 7}, state.Data(), "rate 1 replaces")
}

func TestPassOfInference(t *testing.T) {
	require.False(t, (*nn.Pass)(nil).Training())
	require.False(t, (&nn.Pass{}).Training())
	require.True(t, (&nn.Pass{Train: true}).Training())
	require.PanicsWithValue(t, "nn.Pass.Update: state is (2), the new value (3)", func() {
		(&nn.Pass{}).Update(tensor.New(2), tensor.New(3), 1)
	})
}

func TestPassFindsWhatIsNotFinite(t *testing.T) {
	first, second := tensor.New(2), tensor.New(2)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		p := &nn.Pass{Train: true}
		require.Nil(t, p.NonFinite())
		p.Update(first, tensor.Full(math.MaxFloat32, 2), 0.5)
		require.Nil(t, p.NonFinite())
		p.Update(second, tensor.FromSlice([]float32{1, float32(bad)}, 2), 0.5)
		require.Same(t, second, p.NonFinite())
		p.Discard()
		require.Nil(t, p.NonFinite())
	}
}
