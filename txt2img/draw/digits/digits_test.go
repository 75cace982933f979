package digits

import (
	"context"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/placed"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/draw"
)

func open(t *testing.T) *draw.Model {
	t.Helper()
	m, _, err := draw.Open(Weights, "weights")
	require.NoError(t, err)
	return m
}

// paint paints some scenes once each.
func paint(t *testing.T, m *draw.Model, scenes []placed.Scene) *tensor.Tensor {
	t.Helper()
	var all []string
	for _, s := range scenes {
		all = append(all, s.Caption())
		require.Empty(t, m.Vocabulary.Unknown(s.Caption()))
	}
	text, err := m.Vocabulary.Read(all...)
	require.NoError(t, err)
	return m.Sample(len(scenes), text, rand.New(rand.NewPCG(1, 2))).Last()
}

func TestItIsThePapersModel(t *testing.T) {
	require.Less(t, len(Weights), 5<<20)
	require.Equal(t, 2_371_746, nn.NumParams(open(t)))
}

// What a caption asks for lies in its half or quarter of the picture, also where training never saw that digit there.
func TestDigitsAreWhereTheCaptionSays(t *testing.T) {
	m := open(t)
	_, banned := placed.NewBan(1).Split()
	x := paint(t, m, banned)
	inside := 0.0
	for i, s := range banned {
		share, all := 0.0, sum(x.Rows(i, i+1))
		require.Greater(t, all, 5.0, "an empty picture of %q", s.Caption())
		for _, p := range s.Parts() {
			share += ink(x.Rows(i, i+1), p.Place) / all
		}
		inside += share / float64(len(banned))
		if !s.Relation.Two() {
			require.Greater(t, share, 0.8, s.Caption())
		}
	}
	require.Greater(t, inside, 0.95)
}

func sum(x *tensor.Tensor) float64 { return float64(tensor.Sum(x.Reshape(-1), 0).Item()) }

func ink(x *tensor.Tensor, in image.Rectangle) float64 {
	total := 0.0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for k := in.Min.X; k < in.Max.X; k++ {
			total += float64(x.At(0, y, k, 0))
		}
	}
	return total
}

// A classifier that has learned other digits finds those asked for where they were asked for, clearly more often than one time
// in ten, whether training has seen the combination or not.
func TestDigitsAreRecognised(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a classifier")
	}
	m := open(t)
	digits := synthetic.Digits(6000, 7, synthetic.DigitOptions{Noise: -1})
	judge := metric.NewClassifier(metric.ClassifierOptions{Label: "drawn digits", Height: digits.Height, Classes: 10}, rand.New(rand.NewPCG(3, 4)))
	const steps = 300
	players := []train.Player[labelled.Batch]{metric.Classify(judge, optim.Adam{Rate: 1e-3, Schedule: optim.Cosine{Over: steps, Floor: 0.01}})}
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: steps, Seed: 1}, players, digits.Batches(100, labelled.BatchOptions{})))
	ban := placed.NewBan(1)
	allowed, banned := ban.Split()
	for i, scenes := range [][]placed.Scene{allowed, banned} {
		x := paint(t, m, scenes)
		var cuts []*tensor.Tensor
		var asked []int
		for k, s := range scenes {
			for _, p := range s.Parts() {
				if i == 1 && !ban.HoldsPart(p) {
					continue // the other digit
				}
				cuts, asked = append(cuts, placed.Cut(x.Rows(k, k+1), []image.Rectangle{p.Place})), append(asked, p.Digit)
			}
		}
		f, err := metric.Recognised(judge, metric.InMemory(tensor.Concat(0, cuts...)), asked)
		require.NoError(t, err)
		t.Logf("%.1f %% of %d digits recognised", 100*f.Value, len(asked))
		require.Greater(t, f.Value, []float64{0.5, 0.3}[i])
	}
}
