package draw

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestWords(t *testing.T) {
	for caption, want := range map[string][]string{
		"A bird's nest.":                {"a", "bird's", "nest", "."},
		"  two   dogs, (one black)  ":   {"two", "dogs", ",", "(", "one", "black", ")"},
		"well-known...":                 {"well-known", ".", ".", "."},
		"":                              nil,
		"?!":                            {"?", "!"},
		"the digit one is at the top .": {"the", "digit", "one", "is", "at", "the", "top", "."},
		"ÉCOLE":                         {"école"},
	} {
		require.Equal(t, want, Words(caption), caption)
	}
}

func TestVocabulary(t *testing.T) {
	v := NewVocabulary([]string{"a cat", "a dog", "the dog and a cat"}, 0)
	require.Equal(t, Vocabulary{"", "a", "cat", "dog", "and", "the"}, v)
	require.Equal(t, Vocabulary{"", "a", "cat"}, NewVocabulary([]string{"a cat", "a dog", "the dog and a cat"}, 2))
	got, err := v.Read("A dog", "the Cat")
	require.NoError(t, err)
	require.Equal(t, Text{Words: []int{1, 3, 5, 2}, Length: 2}, got)
	got, err = v.Read("a bird")
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, got.Words)
	require.Equal(t, []string{"bird"}, v.Unknown("a bird"))
	for caption, want := range map[string]string{
		"":                        "draw: an empty caption; say in words what to paint",
		"\xff":                    `draw: the caption "\xff" is not UTF-8`,
		"einhorn":                 `draw: the model knows no word of "einhorn"; it knows a, cat, dog, and, the`,
		strings.Repeat("a ", 300): "draw: a caption of 300 words; 256 are the most",
	} {
		_, err := v.Read(caption)
		require.EqualError(t, err, want)
	}
	_, err = v.Read("a dog", "a")
	require.EqualError(t, err, "draw: captions of 2 and of 1 words in one batch; want equal numbers")
	require.NoError(t, v.check(6))
	require.Error(t, v.check(5))
	require.Error(t, Vocabulary{"", "a", "a"}.check(3))
	require.Error(t, Vocabulary{"a", "b"}.check(2))
}

func FuzzVocabulary(f *testing.F) {
	v := NewVocabulary([]string{"a cat.", "the dog's bone"}, 0)
	for _, s := range []string{"a cat.", "(the) dog", "...", "\xff\xfe", "𝕬 cat", "a\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			_, err := v.Read(s)
			require.Error(t, err)
			return
		}
		// No letter is lost, but for white space and case.
		require.Equal(t, strings.Join(strings.Fields(strings.ToLower(s)), ""), strings.Join(Words(s), ""))
		if text, err := v.Read(s); err == nil {
			require.Len(t, text.Words, text.Length)
			require.Positive(t, text.Length)
		}
	})
}
