package draw

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Vocabulary is the words that a model reads: each is known by its index. The first, which is empty, stands for all words that
// the vocabulary lacks.
type Vocabulary []string

// NewVocabulary returns the words of captions, the most frequent first, and of equally frequent ones the alphabetically first.
// At most most of them are kept, 0 for all.
func NewVocabulary(captions []string, most int) Vocabulary {
	count := map[string]int{}
	for _, c := range captions {
		for _, w := range Words(c) {
			count[w]++
		}
	}
	words := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	if most > 0 && len(words) > most {
		words = words[:most]
	}
	return append(Vocabulary{""}, words...)
}

// Words cuts a caption into words in lower case. Punctuation marks are words of their own, but for those within a word, such
// as an apostrophe.
func Words(caption string) []string {
	var words []string
	for w := range strings.FieldsSeq(strings.ToLower(caption)) {
		var tail []string
		for w != "" {
			r, n := utf8.DecodeRuneInString(w)
			if !unicode.IsPunct(r) {
				break
			}
			words, w = append(words, w[:n]), w[n:]
		}
		for w != "" {
			r, n := utf8.DecodeLastRuneInString(w)
			if !unicode.IsPunct(r) {
				break
			}
			tail, w = append(tail, w[len(w)-n:]), w[:len(w)-n]
		}
		if w != "" {
			words = append(words, w)
		}
		slices.Reverse(tail)
		words = append(words, tail...)
	}
	return words
}

// longest is how many words of a caption are read at most.
const longest = 256

// Read returns captions as a model reads them. It is an error if they are of different numbers of words, if one has none or
// more than 256, is not UTF-8, or has only words that the vocabulary lacks.
func (v Vocabulary) Read(captions ...string) (Text, error) {
	index := v.index()
	var t Text
	for _, c := range captions {
		if !utf8.ValidString(c) {
			return Text{}, fmt.Errorf("draw: the caption %q is not UTF-8", c)
		}
		words := Words(c)
		known := false
		for _, w := range words {
			i := index[w]
			known = known || i > 0
			t.Words = append(t.Words, i)
		}
		switch {
		case len(words) == 0:
			return Text{}, errors.New("draw: an empty caption; say in words what to paint")
		case len(words) > longest:
			return Text{}, fmt.Errorf("draw: a caption of %d words; %d are the most", len(words), longest)
		case !known:
			return Text{}, fmt.Errorf("draw: the model knows no word of %q; it knows %s", c, v.some())
		case t.Length != 0 && t.Length != len(words):
			return Text{}, fmt.Errorf("draw: captions of %d and of %d words in one batch; want equal numbers", t.Length, len(words))
		}
		t.Length = len(words)
	}
	return t, nil
}

// Unknown returns the words of a caption that the vocabulary lacks.
func (v Vocabulary) Unknown(caption string) (out []string) {
	index := v.index()
	for _, w := range Words(caption) {
		if index[w] == 0 {
			out = append(out, w)
		}
	}
	return out
}

func (v Vocabulary) index() map[string]int {
	index := make(map[string]int, len(v))
	for i, w := range v {
		if i > 0 {
			index[w] = i
		}
	}
	return index
}

// some names words that the vocabulary has.
func (v Vocabulary) some() string {
	const most = 30
	words := slices.Clone(v[1:min(len(v), 1+most)])
	if len(v) > 1+most {
		words = append(words, "…")
	}
	return strings.Join(words, ", ")
}

// check returns an error unless the vocabulary is one for n words.
func (v Vocabulary) check(n int) error {
	if len(v) != n {
		return fmt.Errorf("draw: %d words for a model that reads %d", len(v), n)
	}
	if len(v.index()) != max(n-1, 0) || n > 0 && v[0] != "" {
		return errors.New("draw: a vocabulary with a word that occurs twice or is empty")
	}
	return nil
}
