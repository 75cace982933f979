package synthetic

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/labelled"
)

func TestSetsAreWhole(t *testing.T) {
	train, test := CaptionedShapes(40, 1, ShapeOptions{Side: 16})
	for name, m := range map[string]*labelled.Images{
		"digits": Digits(40, 1, DigitOptions{}), "shapes": Shapes(40, 1, ShapeOptions{}),
		"captioned": train.Images, "captioned test": test.Images,
	} {
		require.NoError(t, m.Check(), name)
	}
	require.Equal(t, 40, train.Len())
	require.Equal(t, 10, test.Len())
	d := Digits(25, 1, DigitOptions{Side: 20})
	require.Equal(t, []int{20, 20, 1, 25}, []int{d.Height, d.Width, d.Channels, d.Len()})
	require.Equal(t, 4, d.Labels[24])
	require.Equal(t, 0, Digits(0, 1, DigitOptions{}).Len())
	require.Panics(t, func() { Shapes(1, 1, ShapeOptions{Side: 7}) })
}

func TestAPictureIsAFunctionOfSeedAndNumber(t *testing.T) {
	draw := func(n int) [][]uint8 {
		train, test := CaptionedShapes(4*n, 3, ShapeOptions{Side: 16})
		return [][]uint8{
			Digits(n, 3, DigitOptions{}).Pixels, Shapes(n, 3, ShapeOptions{}).Pixels,
			train.Images.Pixels, test.Images.Pixels,
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := draw(30)
	runtime.GOMAXPROCS(3)
	require.Equal(t, want, draw(30))
	for k, few := range draw(10) {
		require.Equal(t, want[k][:len(few)], few, "the first pictures do not depend on how many follow")
	}
	require.NotEqual(t, want[0], Digits(30, 4, DigitOptions{}).Pixels)
}

func TestDigitsVary(t *testing.T) {
	m := Digits(300, 1, DigitOptions{Noise: -1})
	seen := map[string]bool{}
	for i := range m.Len() {
		p := m.Pixels[i*784 : (i+1)*784]
		ink := 0
		for k, v := range p {
			ink += int(v)
			if y, x := k/28, k%28; y == 0 || x == 0 || y == 27 || x == 27 {
				require.Zero(t, v, "digit %d of picture %d touches the edge", m.Labels[i], i)
			}
		}
		require.Greater(t, ink, 28*255, "picture %d shows something", i)
		require.Less(t, ink, 784*255/2, "picture %d", i)
		seen[string(p)] = true
	}
	require.Len(t, seen, 300)
	still := Digits(400, 1, DigitOptions{Vary: -1, Noise: -1})
	seen = map[string]bool{}
	for _, i := range still.OfClass(3) {
		seen[string(still.Pixels[i*784:(i+1)*784])] = true
	}
	require.LessOrEqual(t, len(seen), 8, "without variation there is one picture for each font")
	require.Greater(t, len(seen), 4)
}

func TestShapesCanBeSeen(t *testing.T) {
	m := Shapes(200, 1, ShapeOptions{Noise: -1})
	for i := range m.Len() {
		least, most := [3]uint8{255, 255, 255}, [3]uint8{}
		for k, v := range m.Pixels[i*3072 : (i+1)*3072] {
			least[k%3], most[k%3] = min(least[k%3], v), max(most[k%3], v)
		}
		require.Greater(t, int(max(most[0]-least[0], most[1]-least[1], most[2]-least[2])), 60, "picture %d", i)
	}
}

func TestCaptionsTell(t *testing.T) {
	train, test := CaptionedShapes(240, 5, ShapeOptions{Side: 16})
	words := map[string]bool{}
	classes := map[int]bool{}
	for i := range train.Len() {
		e, err := train.At(i)
		require.NoError(t, err)
		require.Len(t, e.Captions, 5)
		colour, shape, _ := strings.Cut(train.Images.Classes[e.Class], " ")
		for _, c := range e.Captions {
			require.Contains(t, c, colour)
			require.Contains(t, c, shape)
		}
		words[colour], words[shape], classes[e.Class] = true, true, true
	}
	require.Len(t, classes, 48)
	held := map[int]bool{}
	for i, class := range test.Images.Labels {
		require.False(t, classes[class], "picture %d is of a class of the training set", i)
		colour, shape, _ := strings.Cut(test.Images.Classes[class], " ")
		require.True(t, words[colour] && words[shape], "%s %s", colour, shape)
		held[class] = true
	}
	require.Len(t, held, 12)
}
