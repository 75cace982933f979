package style

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gander-ml/gander/nn/data"
)

// Pair is the numbers of two pictures.
type Pair struct{ A, B int }

// Fold is pairs of pictures that no other fold has a picture of.
type Fold struct {
	Similar    []Pair // of one style
	Dissimilar []Pair // of two
}

// PairOptions say how [Pairs] makes pairs. The zero value is the usual choice.
type PairOptions struct {
	Folds int    // 0 means 5
	Most  int    // pairs of each kind in a fold, drawn without replacement if there are more; 0 means 10,000
	Seed  uint64 // fixes what is drawn

	// Groups are numbers of pictures, such as those of their captions or classes: no pair is of one group. Nil means that any
	// two pictures may be a pair.
	Groups []int
}

// Pairs makes pairs of pictures of similar and of dissimilar style, given the number of each picture's style; negative means
// that a picture takes no part. Whole styles are dealt to the folds, so that no picture is in two folds and no similar pair
// is torn apart.
//
// It is an error if there are less than two styles for each fold, or no pair of a kind in one: there are too few pictures, or
// too many styles for them.
func Pairs(styles []int, o PairOptions) ([]Fold, error) {
	folds, most := either(o.Folds, 5), either(o.Most, 10_000)
	if folds < 1 || most < 1 || o.Groups != nil && len(o.Groups) != len(styles) {
		panic(fmt.Sprintf("style.Pairs: %d folds of at most %d pairs, %d styles and %d groups", folds, most, len(styles), len(o.Groups)))
	}
	rng := data.Stream(o.Seed)
	deals := deal(styles, folds, rng)
	if deals == nil {
		return nil, fmt.Errorf("style: pairs need at least %d styles, two for each of %d folds", 2*folds, folds)
	}
	out := make([]Fold, folds)
	for f, pictures := range deals {
		similar, dissimilar := reservoir{most: most, rng: rng}, reservoir{most: most, rng: rng}
		for k, a := range pictures {
			for _, b := range pictures[k+1:] {
				switch {
				case o.Groups != nil && o.Groups[a] == o.Groups[b]:
				case styles[a] == styles[b]:
					similar.add(Pair{a, b})
				default:
					dissimilar.add(Pair{a, b})
				}
			}
		}
		out[f] = Fold{similar.pairs, dissimilar.pairs}
		if len(out[f].Similar) == 0 || len(out[f].Dissimilar) == 0 {
			return nil, fmt.Errorf("style: fold %d of %d has %d similar pairs and %d dissimilar ones among its %d pictures; use fewer folds or clusters",
				f, folds, len(out[f].Similar), len(out[f].Dissimilar), len(pictures))
		}
	}
	return out, nil
}

// deal returns the pictures of each fold, in order: styles are dealt to and fro, largest first, so that folds have about the
// same number of styles and of pictures. It returns nil if there are too few styles.
func deal(styles []int, folds int, rng *rand.Rand) [][]int {
	members := map[int][]int{}
	for i, s := range styles {
		if s >= 0 {
			members[s] = append(members[s], i)
		}
	}
	if len(members) < 2*folds {
		return nil
	}
	var list [][]int
	for _, s := range slices.Sorted(slices.Values(styles)) {
		if m := members[s]; m != nil {
			list = append(list, m)
			delete(members, s)
		}
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	slices.SortStableFunc(list, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	out := make([][]int, folds)
	for k, m := range list {
		f := k % folds
		if k/folds%2 == 1 {
			f = folds - 1 - f
		}
		out[f] = append(out[f], m...)
	}
	for _, pictures := range out {
		slices.Sort(pictures)
	}
	return out
}

// reservoir keeps a uniform sample of the pairs that it is shown. Vitter 1985, algorithm R.
type reservoir struct {
	most, seen int
	rng        *rand.Rand
	pairs      []Pair
}

func (r *reservoir) add(p Pair) {
	r.seen++
	if len(r.pairs) < r.most {
		r.pairs = append(r.pairs, p)
	} else if i := r.rng.IntN(r.seen); i < r.most {
		r.pairs[i] = p
	}
}
