package charcnnrnn_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

func TestAlphabet(t *testing.T) {
	require.Equal(t, 70, charcnnrnn.Symbols)
	require.Equal(t, 70, utf8.RuneCountInString(charcnnrnn.Alphabet))
	distinct := map[rune]bool{}
	for _, r := range charcnnrnn.Alphabet {
		distinct[r] = true
	}
	require.Len(t, distinct, 69)
	for r, want := range map[rune]int{
		'a': 0, 'z': 25, '0': 26, '9': 35, ',': 37, '`': 57, '+': 58, '-': 59, '=': 60, ' ': 69, 'Q': 16,
		'é': -1, '\t': -1, '\n': -1, 0: -1, 'я': -1, utf8.RuneError: -1, unicode.MaxRune: -1, -1: -1,
	} {
		require.Equal(t, want, charcnnrnn.Column(r), "%q", r)
	}
}

// rows returns the column that is 1 in each row, −1 for a row of zeros.
func rows(t require.TestingT, caption string, length int) []int {
	x := charcnnrnn.OneHot([]string{caption}, length)
	require.Equal(t, []int{1, length, charcnnrnn.Symbols}, x.Shape())
	out := make([]int, length)
	for i := range out {
		out[i] = -1
		for j, v := range x.Data()[i*charcnnrnn.Symbols:][:charcnnrnn.Symbols] {
			if v != 0 {
				require.EqualValues(t, 1, v)
				require.Equal(t, -1, out[i], "two columns in one row")
				out[i] = j
			}
		}
	}
	return out
}

func TestOneHot(t *testing.T) {
	require.Equal(t, []int{0, 69, 1, -1, -1}, rows(t, "A b", 5))
	require.Equal(t, []int{59, 2}, rows(t, "-cut off", 2), "the second place of the hyphen counts")
	require.Equal(t, []int{-1, -1, 69, 0}, rows(t, "дa a"[:2]+"д a", 4), "Cyrillic leaves rows of zeros")
	require.Equal(t, []int{-1, -1, 0}, rows(t, "\xff\xfea", 3), "every broken byte is a place of its own")
	require.Equal(t, []int{-1, -1}, rows(t, "", 2))
	require.Empty(t, rows(t, "abc", 0))
	require.Panics(t, func() { charcnnrnn.Columns("a", -1) })

	long := rows(t, strings.Repeat("ab", 50_000), charcnnrnn.Length)
	require.Len(t, long, 201)
	require.Equal(t, 0, long[200])

	two := charcnnrnn.OneHot([]string{"a", "b"}, 2)
	require.Equal(t, []int{2, 2, 70}, two.Shape())
	require.EqualValues(t, 1, two.At(0, 0, 0))
	require.EqualValues(t, 1, two.At(1, 0, 1))
}

func TestInspect(t *testing.T) {
	for _, c := range []struct {
		caption string
		want    charcnnrnn.Reading
		warning string
	}{
		{"red", charcnnrnn.Reading{Characters: 3, Read: 3}, ""},
		{"", charcnnrnn.Reading{}, "is empty"},
		{"сердце", charcnnrnn.Reading{Characters: 6, Unknown: 6}, "taken for an empty one"},
		{"café", charcnnrnn.Reading{Characters: 4, Read: 3, Unknown: 1}, "outside the encoder's alphabet are passed over: 1"},
		{"a\xff", charcnnrnn.Reading{Characters: 2, Read: 1, Unknown: 1, Broken: 1}, "not UTF-8"},
		{"a\uFFFD", charcnnrnn.Reading{Characters: 2, Read: 1, Unknown: 1}, "outside the encoder's alphabet are passed over: 1"},
		{"abcdefghijkl", charcnnrnn.Reading{Characters: 12, Read: 10, Cut: 2}, "beyond the encoder's length are passed over: 2"},
		{"é" + strings.Repeat("a", 10), charcnnrnn.Reading{Characters: 11, Read: 9, Unknown: 1, Cut: 1}, "1 outside its alphabet, 1 beyond its length"},
	} {
		got := charcnnrnn.Inspect(c.caption, 10)
		require.Equal(t, c.want, got, "%q", c.caption)
		if c.warning == "" {
			require.Empty(t, got.Warning(), "%q", c.caption)
		} else {
			require.Contains(t, got.Warning(), c.warning, "%q", c.caption)
			require.NotContains(t, got.Warning(), "\n")
		}
	}
	big := charcnnrnn.Inspect(strings.Repeat("x", 100_000), charcnnrnn.Length)
	require.Equal(t, charcnnrnn.Reading{Characters: 100_000, Read: 201, Cut: 99_799}, big)
}

func TestCapitalsReadAsSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-z0-9 ,.!?-]{0,30}`).Draw(t, "caption")
		require.Equal(t, charcnnrnn.Columns(s, 20), charcnnrnn.Columns(strings.ToUpper(s), 20))
	})
}

func FuzzOneHot(f *testing.F) {
	for _, s := range []string{"", "a red heart", "сердце", "\xff\xc3(", "---", strings.Repeat("é", 300), "İK"} {
		f.Add(s, 12)
	}
	f.Fuzz(func(t *testing.T, caption string, length int) {
		if length < 0 || length > 300 {
			return
		}
		got := rows(t, caption, length)
		require.Equal(t, charcnnrnn.Columns(caption, length), got)
		r := charcnnrnn.Inspect(caption, length)
		read := 0
		for _, c := range got {
			if c >= 0 {
				read++
			}
		}
		require.Equal(t, read, r.Read)
		require.Equal(t, utf8.RuneCountInString(caption), r.Characters)
		require.Equal(t, r.Characters, r.Read+r.Unknown+r.Cut)
		require.LessOrEqual(t, r.Broken, r.Characters)
		if utf8.ValidString(caption) {
			require.Zero(t, r.Broken)
		} else {
			require.Positive(t, r.Broken)
		}
	})
}
