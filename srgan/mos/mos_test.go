package mos

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/stretchr/testify/require"
)

func samplePictures() []Picture {
	var out []Picture
	for i, image := range []string{"tabby", "</script><b>"} {
		for j, method := range []string{"nearest", "SRGAN", "original"} {
			out = append(out, Picture{image, method, tensor.Full(float32(3*i+j)/10, 4, 6, 3)})
		}
	}
	return out
}

func TestTrialOnDisk(t *testing.T) {
	trial, err := New(samplePictures(), Options{Seed: 3, Worst: "nearest", Best: "original", Examples: 1, Title: "<Which> one?"})
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "trial")
	require.NoError(t, trial.Write(dir))

	f, err := os.Open(filepath.Join(dir, "key.json"))
	require.NoError(t, err)
	defer f.Close()
	key, err := ReadKey(f)
	require.NoError(t, err)
	require.Equal(t, trial.Key(), key)
	require.Len(t, key.Pictures, 6)
	for name, e := range key.Pictures {
		m, err := imaging.Open(filepath.Join(dir, "public", "pictures", name+".png"), imaging.DecodeOptions{})
		require.NoError(t, err)
		for _, p := range samplePictures() {
			if p.Image == e.Image && p.Method == e.Method {
				require.InDelta(t, p.Pixels.At(0, 0, 0), m.Pixels.At(0, 0, 0), 0.003)
			}
		}
	}

	// The page names every picture, calls nothing from elsewhere, and does not tell how pictures were made.
	b, err := os.ReadFile(filepath.Join(dir, "public", "index.html"))
	require.NoError(t, err)
	text := string(b)
	for name := range key.Pictures {
		require.Contains(t, text, `"`+name+`"`)
	}
	require.Contains(t, text, "&lt;Which&gt; one?")
	for _, word := range []string{"SRGAN", "nearest", "original", "tabby", "http:", "https:", "</script><b>"} {
		require.NotContains(t, text, word)
	}
	_, list, ok := strings.Cut(text, "const examples = ")
	require.True(t, ok)
	list, _, _ = strings.Cut(list, " || []")
	var examples []example
	require.NoError(t, json.Unmarshal([]byte(list), &examples))
	require.Len(t, examples, 2)
	require.Equal(t, Entry{"tabby", "nearest"}, key.Pictures[examples[0].Name])
	require.Equal(t, 1, examples[0].Rating)
	require.Equal(t, Entry{"tabby", "original"}, key.Pictures[examples[1].Name])

	again, err := New(samplePictures(), Options{Seed: 3})
	require.NoError(t, err)
	require.Equal(t, key, again.Key())
	other, err := New(samplePictures(), Options{Seed: 4})
	require.NoError(t, err)
	require.NotEqual(t, key, other.Key())
}

func TestTrialErrors(t *testing.T) {
	_, err := New(nil, Options{})
	require.EqualError(t, err, "mos: no pictures to rate")
	_, err = New(samplePictures(), Options{Best: "HR"})
	require.EqualError(t, err, `mos: no picture by "HR", which is to be an example of rating 5`)
	_, err = New(append(samplePictures(), samplePictures()[0]), Options{})
	require.EqualError(t, err, `mos: two pictures of "tabby" by "nearest"`)
	require.Panics(t, func() { _, _ = New([]Picture{{Pixels: tensor.New(2, 2, 1)}}, Options{}) })
	trial, err := New(samplePictures(), Options{})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	require.ErrorContains(t, trial.Write(file), "mos: ")
}

func TestAggregate(t *testing.T) {
	key := Key{map[string]Entry{"p1": {"tabby", "A"}, "p2": {"dog", "A"}, "p3": {"tabby", "B"}}}
	all := []Ratings{
		{"x", []Rating{{"p1", 4, 1}, {"p2", 5, 1}, {"p3", 2, 1}}}, // means 4.5 and 2
		{"y", []Rating{{"p1", 3, 1}, {"p2", 4, 1}}},               // 3.5
		{"z", []Rating{{"p2", 4, 1}}},                             // 4
	}
	scores, err := Aggregate(key, all)
	require.NoError(t, err)
	require.Len(t, scores, 2)
	a, b := scores[0], scores[1]
	require.Equal(t, "A", a.Method)
	require.InDelta(t, 4, a.Mean, 1e-12)
	// Student's quantile for 2 degrees of freedom is 4.302653; the raters' means deviate by 0.5.
	require.InDelta(t, 4-4.302653*0.5/math.Sqrt(3), a.Low, 1e-5)
	require.InDelta(t, 4+4.302653*0.5/math.Sqrt(3), a.High, 1e-5)
	require.Equal(t, 3, a.Raters)
	require.Equal(t, 5, a.Ratings)
	require.Equal(t, [5]int{0, 0, 1, 3, 1}, a.Counts)
	require.Equal(t, "B", b.Method)
	require.InDelta(t, 2, b.Mean, 1e-12)
	require.True(t, math.IsNaN(b.Low) && math.IsNaN(b.High))

	for want, bad := range map[string]Ratings{
		`mos: rater "v" rated "p9", which is not in the key`: {"v", []Rating{{"p9", 3, 0}}},
		`mos: rater "v" rated "p1" twice`:                    {"v", []Rating{{"p1", 3, 0}, {"p1", 3, 0}}},
		`mos: rater "v" gave "p1" the rating 6; want 1 to 5`: {"v", []Rating{{"p1", 6, 0}}},
		`mos: rater "v" gave "p1" the rating 0; want 1 to 5`: {"v", []Rating{{"p1", 0, 0}}},
		`mos: two files are of rater "x"`:                    {"x", nil},
	} {
		_, err := Aggregate(key, append(all[:3:3], bad))
		require.EqualError(t, err, want)
	}
}

func FuzzReadRatings(f *testing.F) {
	f.Add([]byte(`{"rater":"x","ratings":[{"picture":"p1","rating":4,"seconds":1.5}]}`))
	f.Add([]byte(`{"rater":"x","wings":2}`))
	key := Key{map[string]Entry{"p1": {"tabby", "A"}}}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ReadRatings(strings.NewReader(string(b)))
		if err != nil {
			require.ErrorContains(t, err, "mos: ")
			return
		}
		scores, err := Aggregate(key, []Ratings{r})
		if err == nil {
			for _, s := range scores {
				require.True(t, s.Mean >= 1 && s.Mean <= 5)
			}
		}
	})
}
