package caption

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestOpenClassSplit(t *testing.T) {
	dir := t.TempDir()
	list := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	train, test := list("train.txt", "001.Owl\n002.Bat\r\n\n"), list("test.txt", "003.Cat")
	s, err := OpenClassSplit(train, test)
	require.NoError(t, err)
	require.Equal(t, ClassSplit{Train: []string{"001.Owl", "002.Bat"}, Test: []string{"003.Cat"}}, s)

	records := []Record{{File: "a", Class: "003.Cat"}, {File: "b", Class: "001.Owl"}}
	require.NoError(t, s.Apply(records))
	require.Equal(t, Test, records[0].Split)
	require.Equal(t, Train, records[1].Split)
	err = s.Apply([]Record{{File: "dog.png", Class: "004.Dog"}})
	require.ErrorContains(t, err, `class "004.Dog" of dog.png is in neither list of classes`)

	for want, path := range map[string]string{
		`class "002.Bat" is both to learn from and held out`: list("shared.txt", "003.Cat\n002.Bat"),
		`twice.txt: line 3: "a" is on line 1 already`:        list("twice.txt", "a\nb\na"),
		"empty.txt: holds no names":                          list("empty.txt", "\n"),
		"bytes.txt: line 1: byte 2 is not UTF-8 (0xff)":      list("bytes.txt", "a\xff"),
		"long.txt: line 1: 5000 bytes, want a name of 4096":  list("long.txt", strings.Repeat("x", 5000)),
		"no such file": filepath.Join(dir, "none.txt"),
	} {
		_, err := OpenClassSplit(train, path)
		require.ErrorContains(t, err, want)
	}
	require.ErrorContains(t, ClassSplit{Train: []string{"a"}, Test: []string{"a"}}.Apply(nil), `class "a" is both`)
}

func TestFindClassSplit(t *testing.T) {
	empty, dir := t.TempDir(), t.TempDir()
	list := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	_, ok, err := FindClassSplit(empty, dir)
	require.NoError(t, err)
	require.False(t, ok)

	list("testclasses.txt", "z")
	_, ok, err = FindClassSplit(empty, dir)
	require.True(t, ok)
	require.ErrorContains(t, err, "trainclasses.txt")

	list("trainclasses.txt", "a\nb")
	s, ok, err := FindClassSplit(empty, dir)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, ClassSplit{Train: []string{"a", "b"}, Test: []string{"z"}}, s)

	list("valclasses.txt", "b\nc")
	s, _, err = FindClassSplit(empty, dir)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, s.Train)

	list("trainvalclasses.txt", "c\nd")
	s, _, err = FindClassSplit(empty, dir)
	require.NoError(t, err)
	require.Equal(t, []string{"c", "d"}, s.Train)
	list("trainvalclasses.txt", "c\nz")
	_, _, err = FindClassSplit(empty, dir)
	require.ErrorContains(t, err, `class "z" is both`)
}

func TestRandomClassSplitsAreDisjoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "classes")
		test := rapid.IntRange(1, n-1).Draw(t, "test")
		seed := rapid.Uint64().Draw(t, "seed")
		classes := make([]string, n)
		for i := range classes {
			classes[i] = fmt.Sprint(i)
		}
		s := RandomClassSplit(classes, test, seed)
		require.NoError(t, s.Check())
		require.Len(t, s.Test, test)
		require.ElementsMatch(t, classes, append(append([]string(nil), s.Train...), s.Test...))
		classes[0], classes[n-1] = classes[n-1], classes[0]
		require.Equal(t, s, RandomClassSplit(classes, test, seed), "the order of the names must not matter")
	})
	require.Panics(t, func() { RandomClassSplit([]string{"a", "b"}, 2, 1) })
	require.Panics(t, func() { RandomClassSplit([]string{"a", "b", "a"}, 1, 1) })
}

func TestNewSet(t *testing.T) {
	one := []string{"x"}
	s, err := NewSet("d", []Record{{File: "b/1.png", Class: "z", Captions: one}, {File: "2.png", Class: "a", Captions: one}})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "z"}, s.Classes)
	for want, records := range map[string][]Record{
		"caption: d: no pictures with captions":                nil,
		`"../1.png" is not a path within the folder`:           {{File: "../1.png", Captions: one}},
		`"1.png" is there twice`:                               {{File: "1.png", Captions: one}, {File: "1.png", Captions: one}},
		`"1.png" has no caption, or an empty one`:              {{File: "1.png"}},
		`d: "2.png" has no caption, or an empty one`:           {{File: "1.png", Captions: one}, {File: "2.png", Captions: []string{"x", ""}}},
		`"" is not a path within`:                              {{Captions: one}},
		`class "z" is in the split "train" (1.png) and in "te`: {{File: "1.png", Class: "z", Split: "train", Captions: one}, {File: "2.png", Class: "z", Split: "test", Captions: one}},
	} {
		s, err := NewSet("d", records)
		if err == nil {
			err = s.CheckDisjoint()
		}
		require.ErrorContains(t, err, want)
	}
}

func TestSamePictureInTwoSplits(t *testing.T) {
	one := []string{"x"}
	dir := folder(t, Record{File: "0.png", Class: "a", Split: "train", Captions: one}, Record{File: "1.png", Class: "b", Split: "test", Captions: one},
		Record{File: "2.png", Class: "a", Split: "train", Captions: one})
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, s.CheckPictures())
	b, err := os.ReadFile(s.Path(2))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.Path(0), b, 0o600))
	require.NoError(t, s.CheckPictures(), "twice in one split is no leak")
	require.NoError(t, os.WriteFile(s.Path(1), b, 0o600))
	require.ErrorContains(t, s.CheckPictures(), `0.png of the split "train" and 1.png of "test" are the same picture`)
	require.NoError(t, os.Remove(s.Path(1)))
	require.ErrorIs(t, s.CheckPictures(), os.ErrNotExist)
}

func FuzzReadNames(f *testing.F) {
	for _, s := range []string{"001.Owl\n002.Bat\r\n", "\xef\xbb\xbfa", "a\na", "\xff", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		names, err := ReadNames(bytes.NewReader(b))
		if err != nil {
			return
		}
		again, err := ReadNames(strings.NewReader("\ufeff" + strings.Join(names, "\n")))
		require.NoError(t, err)
		require.Equal(t, names, again)
	})
}
