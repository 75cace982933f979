package charcnnrnn

import (
	"math/rand/v2"
	"strings"
)

// Reworder says captions in other words of theirs, so that an encoder that is trained on few captions does not depend on their
// exact wording: what people type is shorter than what data sets say, and in another order.
type Reworder struct{ common map[string]bool }

// NewReworder returns a reworder for captions of pictures. Words that more than a fifth of the pictures have in their captions
// are taken to say little about any of them.
func NewReworder(captions [][]string) *Reworder {
	pictures := map[string]int{}
	for _, cs := range captions {
		met := map[string]bool{}
		for _, c := range cs {
			for _, w := range words(c) {
				met[w] = true
			}
		}
		for w := range met {
			pictures[w]++
		}
	}
	r := &Reworder{common: map[string]bool{"a": true, "an": true, "the": true}}
	for w, n := range pictures {
		if 5*n > len(captions) {
			r.common[w] = true
		}
	}
	return r
}

// Say returns a caption in other words. Half of the time it is one to four of its words that are not common ones; otherwise,
// at random, articles are left out, and punctuation, and some words. Then the order of the words may change, and an article may
// come in front. A caption without words stays as it is.
func (r *Reworder) Say(caption string, rng *rand.Rand) string {
	said := words(caption)
	if len(said) == 0 {
		return caption
	}
	if chance(rng, 0.5) {
		said = some(keep(said, func(w string) bool { return !r.common[w] }), 1+rng.IntN(4), rng)
	} else {
		if chance(rng, 0.7) {
			said = strings.Fields(strings.ToLower(caption)) // with its punctuation
		}
		if chance(rng, 0.5) {
			said = keep(said, func(w string) bool { return !article(w) })
		}
		if chance(rng, 0.5) {
			said = r.telling(keep(said, func(string) bool { return !chance(rng, 0.2) }), said)
		}
	}
	switch {
	case chance(rng, 0.2):
		rng.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
	case chance(rng, 0.2):
		k := rng.IntN(len(said))
		said = append(said[k:len(said):len(said)], said[:k]...)
	}
	if chance(rng, 0.4) && !article(said[0]) {
		said = append([]string{articleFor(said[0], rng)}, said...)
	}
	return strings.Join(said, " ")
}

// telling returns fewer words, or all if these are common ones only.
func (r *Reworder) telling(fewer, all []string) []string {
	for _, w := range fewer {
		if !r.common[strings.Trim(w, punctuation)] {
			return fewer
		}
	}
	return all
}

const punctuation = ".,;:!?\"'()"

// words returns the words of a caption in small letters, without the punctuation around them.
func words(caption string) []string {
	var out []string
	for _, w := range strings.Fields(strings.ToLower(caption)) {
		if w = strings.Trim(w, punctuation); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// keep returns the words that f likes, or all of them if it likes none.
func keep(words []string, f func(w string) bool) []string {
	var out []string
	for _, w := range words {
		if f(w) {
			out = append(out, w)
		}
	}
	if out == nil {
		return words
	}
	return out
}

// some returns n of the words, or all if there are no more, in their order.
func some(words []string, n int, rng *rand.Rand) []string {
	var out []string
	for i, w := range words {
		if left := len(words) - i; rng.IntN(left) < n-len(out) {
			out = append(out, w)
		}
	}
	return out
}

func article(w string) bool { return w == "a" || w == "an" || w == "the" }

func articleFor(w string, rng *rand.Rand) string {
	switch {
	case chance(rng, 0.25):
		return "the"
	case strings.ContainsRune("aeiou", rune(w[0])):
		return "an"
	}
	return "a"
}

func chance(rng *rand.Rand, p float64) bool { return rng.Float64() < p }
