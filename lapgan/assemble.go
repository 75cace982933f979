package lapgan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// Assemble returns the pyramid of levels, one for each size in any order. It is an error if one is missing or if they were
// trained for different pyramids.
func Assemble(levels ...Trained) (Pyramid, error) {
	if len(levels) == 0 {
		return Pyramid{}, errors.New("lapgan: no levels to assemble")
	}
	first := levels[0]
	p := Pyramid{Sizes: first.Sizes, Operator: first.Operator, Norm: first.Norm, Levels: make([]Level, len(first.Sizes))}
	for _, t := range levels {
		switch {
		case !slices.Equal(t.Sizes, p.Sizes) || Pyramid{Operator: t.Operator}.operator().String() != p.operator().String():
			return Pyramid{}, fmt.Errorf("lapgan: levels for sizes %v, %v and %v, %v do not make one pyramid", p.Sizes, p.operator(), t.Sizes, t.Operator)
		case !sameNorm(t.Norm, p.Norm):
			return Pyramid{}, fmt.Errorf("lapgan: the level of size %d was trained on images that were normalised in another way", t.Sizes[t.Index])
		case t.Index < 0 || t.Index >= len(p.Sizes) || t.Level == nil:
			return Pyramid{}, fmt.Errorf("lapgan: no level %d in a pyramid of sizes %v", t.Index, p.Sizes)
		case p.Levels[t.Index] != nil:
			return Pyramid{}, fmt.Errorf("lapgan: two levels of size %d", t.Sizes[t.Index])
		}
		p.Levels[t.Index] = t.Level
	}
	for k, l := range p.Levels {
		if l == nil {
			return Pyramid{}, fmt.Errorf("lapgan: the level of size %d is missing", p.Sizes[k])
		}
	}
	return p, nil
}

func sameNorm(a, b *Norm) bool {
	if a == nil || b == nil {
		return a == b
	}
	return tensor.SameShape(a.Mean, b.Mean) && slices.Equal(a.Mean.Data(), b.Mean.Data()) && slices.Equal(a.Std.Data(), b.Std.Data())
}
