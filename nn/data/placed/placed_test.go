package placed

import (
	"image"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// The captions have the words of the paper: twelve each, 22 in all.
func TestCaptions(t *testing.T) {
	words := map[string]bool{}
	for _, s := range All() {
		each := strings.Fields(s.Caption())
		require.Len(t, each, 12)
		for _, w := range each {
			words[w] = true
		}
		back, ok := Parse(s.Caption())
		require.True(t, ok)
		require.Equal(t, s, back)
	}
	require.Len(t, All(), 4*100+4*10)
	require.Len(t, words, 22)
	require.Equal(t, "the digit seven is on the left of the digit two .", Scene{LeftOf, 7, 2}.Caption())
	_, ok := Parse("a bird")
	require.False(t, ok)
	require.Panics(t, func() { _ = Scene{LeftOf, 10, 0}.Caption() })
	require.Panics(t, func() { Scene{relations, 1, 0}.Parts() })
}

func TestBan(t *testing.T) {
	ban := NewBan(1)
	require.NotEqual(t, ban, NewBan(2))
	allowed, banned := ban.Split()
	require.Len(t, append(allowed, banned...), 440)
	require.Len(t, banned, 4*19+4) // of each pair of slots 10+10−1
	require.True(t, ban.Holds(Scene{RightOf, ban[2], 0}))
	require.True(t, ban.Holds(Scene{BottomRight, ban[11], 0}))
	parts := Scene{LeftOf, ban[0], (ban[1] + 1) % 10}.Parts()
	require.True(t, ban.HoldsPart(parts[0]))
	require.False(t, ban.HoldsPart(parts[1]))
	for _, s := range allowed {
		for _, p := range s.Parts() {
			require.NotEqual(t, ban[p.slot], p.Digit)
		}
	}
}

// What is drawn lies where the caption says, and only there; and it is found again.
func TestDigitsAreWhereTheCaptionSays(t *testing.T) {
	digits := synthetic.Digits(200, 1, synthetic.DigitOptions{Noise: -1})
	set, err := New(digits, All())
	require.NoError(t, err)
	rng := newRand()
	for _, s := range []Scene{{LeftOf, 1, 2}, {RightOf, 3, 4}, {OnTopOf, 5, 6}, {AtBottomOf, 7, 8}, {TopLeft, 9, 0}, {BottomRight, 2, 0}} {
		for range 20 {
			x := set.Draw([]Scene{s}, rng)
			inside := 0.0
			for _, p := range s.Parts() {
				cut := Cut(x, []image.Rectangle{p.Place})
				// The digit lies there, and it is in the cut, but for an edge: digits from fonts are not centred by mass.
				sum := 0.0
				for y := p.Place.Min.Y; y < p.Place.Max.Y; y++ {
					for k := p.Place.Min.X; k < p.Place.Max.X; k++ {
						sum += float64(x.At(0, y, k, 0))
					}
				}
				require.Positive(t, sum)
				require.InEpsilon(t, sum, total(cut), 0.1)
				require.True(t, isOne(digits, p.Digit, sum))
				inside += sum
			}
			require.InEpsilon(t, inside, total(x), 1e-5)
		}
	}
	// Above and below, left and right.
	require.True(t, Scene{OnTopOf, 5, 6}.Parts()[0].Place.Max.Y <= Scene{OnTopOf, 5, 6}.Parts()[1].Place.Min.Y)
	require.True(t, Scene{RightOf, 5, 6}.Parts()[0].Place.Min.X >= Scene{RightOf, 5, 6}.Parts()[1].Place.Max.X)
	require.Zero(t, total(Cut(tensor.New(1, 60, 60, 1), []image.Rectangle{image.Rect(0, 0, 30, 30)})))
}

func total(x *tensor.Tensor) float64 {
	sum := 0.0
	for _, v := range x.Data() {
		sum += float64(v)
	}
	return sum
}

// isOne tells whether a digit of a class has so much ink.
func isOne(digits *labelled.Images, class int, ink float64) bool {
	for _, i := range digits.OfClass(class) {
		x, _ := digits.Block(i, i+1)
		if d := total(x) - ink; d < 1e-2 && d > -1e-2 {
			return true
		}
	}
	return false
}

func TestBatches(t *testing.T) {
	set, err := New(synthetic.Digits(20, 1, synthetic.DigitOptions{}), []Scene{{TopLeft, 3, 0}, {LeftOf, 3, 3}})
	require.NoError(t, err)
	b, err := set.Batches(5).Batch(0, newRand())
	require.NoError(t, err)
	require.Equal(t, []int{5, 60, 60, 1}, b.Images.Shape())
	require.Len(t, b.Scenes, 5)
	again, err := set.Batches(5).Batch(0, newRand())
	require.NoError(t, err)
	require.Equal(t, b, again)
}

func TestNewRefuses(t *testing.T) {
	digits := synthetic.Digits(5, 1, synthetic.DigitOptions{})
	_, err := New(digits, []Scene{{TopLeft, 7, 0}})
	require.EqualError(t, err, `placed: no picture of a 7, which is in "the digit seven is at the top left of the image ."`)
	_, err = New(digits, nil)
	require.EqualError(t, err, "placed: no scenes to draw")
	_, err = New(synthetic.Digits(5, 1, synthetic.DigitOptions{Side: 20}), All())
	require.EqualError(t, err, "placed: digits of 20×20 pixels in 1 channels; want 28×28 in 1")
	digits.Labels[0] = 12
	_, err = New(digits, All())
	require.EqualError(t, err, "placed: picture 0 is of class 12; want digits 0 to 9")
}
