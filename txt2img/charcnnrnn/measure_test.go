package charcnnrnn_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

var nan = float32(math.NaN())

func TestRetrieve(t *testing.T) {
	r := charcnnrnn.Retrieve(tensor.FromSlice([]float32{
		3, 1, 2,
		5, 4, 1,
		0, 2, 1,
	}, 3, 3))
	require.InDelta(t, 1.0/3, r.Top1, 1e-9)
	require.InDelta(t, (1.0+2+2)/3, r.MeanRank, 1e-9)
	require.InDelta(t, 1.0/3, r.Chance, 1e-9)
	require.Equal(t, 3, r.Candidates)

	// Where all is equal, or not a number, nothing is known.
	r = charcnnrnn.Retrieve(tensor.New(5, 5))
	require.InDelta(t, 0.2, r.Top1, 1e-9)
	require.InDelta(t, 3, r.MeanRank, 1e-9)
	require.Zero(t, charcnnrnn.Retrieve(tensor.Full(nan, 4, 4)).Top1)
	require.Zero(t, charcnnrnn.Retrieve(tensor.New(0, 0)).Top1)
	require.Panics(t, func() { charcnnrnn.Retrieve(tensor.New(2, 3)) })
}

// table is vectors of captions that are known.
type table map[string][]float32

func (x table) Encode(captions []string) *tensor.Tensor {
	out := tensor.New(len(captions), 2)
	for i, c := range captions {
		copy(out.Rows(i, i+1).Data(), x[c])
	}
	return out
}

func TestRetrieval(t *testing.T) {
	// Pictures and captions on a circle: every caption is nearest to its own picture.
	const n = 30
	images, text := tensor.New(n, 2), table{}
	var captions [][]string
	for i := range n {
		x, y := float32(math.Cos(2*math.Pi*float64(i)/n)), float32(math.Sin(2*math.Pi*float64(i)/n))
		images.Set(x, i, 0)
		images.Set(y, i, 1)
		own := []string{string(rune('A' + i)), "also " + string(rune('A'+i))}
		captions = append(captions, own)
		for _, c := range own {
			text[c] = []float32{x, y}
		}
	}
	r, err := charcnnrnn.Retrieval(images, text, captions, charcnnrnn.RetrievalOptions{})
	require.NoError(t, err)
	require.Equal(t, charcnnrnn.Ranks{Trials: 300, Candidates: 20, Top1: 1, MeanRank: 1, Chance: 0.05}, r)
	require.Contains(t, r.String(), "100.0 % ± 0.0 come first of 20 (chance 5.0 %)")

	// Text that says nothing gives chance, exactly.
	r, err = charcnnrnn.Retrieval(images, table{}, captions, charcnnrnn.RetrievalOptions{})
	require.NoError(t, err)
	require.InDelta(t, 0.05, r.Top1, 1e-9)
	require.InDelta(t, 10.5, r.MeanRank, 1e-9)

	// Captions of other pictures: close to chance, and the draws depend on the seed.
	wrong := append(append([][]string{}, captions[7:]...), captions[:7]...)
	r, err = charcnnrnn.Retrieval(images, text, wrong, charcnnrnn.RetrievalOptions{Candidates: 5, Trials: 3})
	require.NoError(t, err)
	require.Less(t, r.Top1, 0.4)
	other, err := charcnnrnn.Retrieval(images, text, wrong, charcnnrnn.RetrievalOptions{Candidates: 5, Trials: 3, Seed: 1})
	require.NoError(t, err)
	require.NotEqual(t, r, other)

	_, err = charcnnrnn.Retrieval(images, text, captions, charcnnrnn.RetrievalOptions{Candidates: 31})
	require.ErrorContains(t, err, "has 29 others to be told from; want 30")
	_, err = charcnnrnn.Retrieval(images, text, captions, charcnnrnn.RetrievalOptions{Candidates: 1})
	require.ErrorContains(t, err, "1 candidates")
	captions[4] = nil
	_, err = charcnnrnn.Retrieval(images, text, captions, charcnnrnn.RetrievalOptions{})
	require.ErrorContains(t, err, "picture 4 has no caption")
}

// Pictures that share a caption are not told from each other.
func TestRetrievalLeavesOutSharedCaptions(t *testing.T) {
	text := table{"a": {1, 0}, "b": {0, 1}, "A": {1, 0}}
	images := tensor.FromSlice([]float32{1, 0, 1, 0, 0, 1, 0, 1}, 4, 2)
	captions := [][]string{{"a"}, {"A"}, {"b"}, {"b"}}
	r, err := charcnnrnn.Retrieval(images, text, captions, charcnnrnn.RetrievalOptions{Candidates: 3})
	require.NoError(t, err)
	require.Equal(t, 1.0, r.Top1)
	_, err = charcnnrnn.Retrieval(images, text, captions, charcnnrnn.RetrievalOptions{Candidates: 4})
	require.ErrorContains(t, err, "has 2 others")
}

func TestZeroShot(t *testing.T) {
	classes := tensor.FromSlice([]float32{1, 0, 0, 1}, 2, 2)
	images := tensor.FromSlice([]float32{2, 1, 1, 0, 3, 2, 0, 1}, 4, 2)
	z := charcnnrnn.ZeroShot(images, []int{0, 0, 1, 1}, classes, 2)
	// The third picture is taken for class 0. Class 0 retrieves pictures 2 and 0, class 1 pictures 2 and one of 0 and 3.
	require.Equal(t, charcnnrnn.Zero{Classes: 2, Top1: 0.75, Chance: 0.5, At: 2, AP: (0.5 + 0.75) / 2, Limit: 1}, z)
	require.Contains(t, z.String(), "top-1 75.00 % of 2 classes (chance 50.00 %), AP@2 62.50 %")

	z = charcnnrnn.ZeroShot(images, []int{0, 0, 1, 1}, classes, 0)
	require.Equal(t, 4, z.At, "no more than there are")
	require.Equal(t, 0.5, z.AP)
	require.Equal(t, 0.5, z.Limit)

	z = charcnnrnn.ZeroShot(tensor.New(4, 2), []int{0, 0, 0, 1}, classes, 1)
	require.Equal(t, 0.5, z.Top1, "equal scores give chance")
	require.InDelta(t, (0.75+0.25)/2, z.AP, 1e-9)
	z = charcnnrnn.ZeroShot(tensor.Full(nan, 4, 2), []int{0, 0, 0, 1}, classes, 1)
	require.Zero(t, z.Top1)
	require.InDelta(t, 0.5, z.AP, 1e-9)
	require.Panics(t, func() { charcnnrnn.ZeroShot(images, []int{0}, classes, 1) })
}

func TestClassVectors(t *testing.T) {
	text := table{"a": {1, 0}, "b": {0, 1}, "c": {4, 4}}
	v, labels := charcnnrnn.ClassVectors(text, [][]string{{"a", "a", "b", "b"}, {"c"}, {"b"}}, []int{7, 2, 7})
	require.Equal(t, []int{1, 0, 1}, labels)
	require.Equal(t, []float32{4, 4, 0.25, 0.75}, v.Data(), "the classes in their order, every picture with the same say")
	require.Panics(t, func() { charcnnrnn.ClassVectors(text, nil, []int{1}) })
}
