package charcnnrnn_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

func TestRewordUsesWordsOfTheCaption(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,6}[,.]?`), 0, 8).Draw(t, "words")
		in := strings.Join(words, " ")
		r := charcnnrnn.NewReworder([][]string{{in}, {"something else"}, {"x"}, {"y"}, {"z"}})
		got := r.Say(in, newRand(rapid.Uint64().Draw(t, "seed")))
		if len(words) == 0 {
			require.Equal(t, in, got)
			return
		}
		require.NotEmpty(t, strings.TrimSpace(got))
		left := map[string]int{"a": 1, "an": 1, "the": 1} // one article may be new
		for _, w := range words {
			left[strings.Trim(w, ",.")]++
		}
		for _, w := range strings.Fields(got) {
			w = strings.Trim(w, ",.")
			left[w]--
			require.GreaterOrEqual(t, left[w], 0, "%q is not in %q", w, in)
		}
	})
}

func TestReword(t *testing.T) {
	captions := [][]string{
		{"a red heart", "an emoji of a red heart"}, {"an emoji of a blue heart"}, {"an emoji of a cat"}, {"an emoji of a dog"},
		{"an emoji of a house"}, {"an emoji of a tree"}, {"an emoji of a car"}, {"an emoji of a boat"}, {"an emoji of a cup"},
		{"an emoji of a red car"}, {"an emoji of a hat"},
	}
	r := charcnnrnn.NewReworder(captions)
	said := func(caption string) map[string]bool {
		got := map[string]bool{}
		for seed := range uint64(500) {
			got[r.Say(caption, newRand(seed))] = true
		}
		return got
	}
	short := said("A red heart!")
	for _, want := range []string{"a red heart", "red heart", "heart red", "the red heart", "heart", "red", "a heart", "a red heart!"} {
		require.True(t, short[want], want)
	}
	long := said("an emoji of a red heart")
	for _, want := range []string{"an emoji of a red heart", "emoji of red heart", "red heart", "heart", "a heart"} {
		require.True(t, long[want], want)
	}
	require.False(t, long["emoji"], "words that all pictures have are no caption")
	require.False(t, long["an emoji"])
	require.True(t, said("an emoji")["emoji"], "but better than nothing")
	require.True(t, said("...")["..."], "a caption without words stays as it is")
	require.True(t, said("ét")["a ét"])
}
