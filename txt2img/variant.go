package txt2img

import (
	"fmt"
	"strings"
)

// Variant is one of the games that the paper compares. Reed et al. 2016, §4.
type Variant int

// The variants.
const (
	GAN       Variant = iota // real pictures with their captions against painted ones
	GANCLS                   // real pictures with captions of others are wrong, too (§4.2)
	GANINT                   // the generator also paints what lies between two captions (§4.3)
	GANINTCLS                // both
)

var variantNames = [...]string{"GAN", "GAN-CLS", "GAN-INT", "GAN-INT-CLS"}

// Variants returns all variants in the order of the paper.
func Variants() []Variant { return []Variant{GAN, GANCLS, GANINT, GANINTCLS} }

// String returns the paper's name, such as GAN-INT-CLS.
func (v Variant) String() string {
	if v < 0 || int(v) >= len(variantNames) {
		return fmt.Sprintf("Variant(%d)", int(v))
	}
	return variantNames[v]
}

// ParseVariant reads a variant's name, in upper or lower case.
func ParseVariant(s string) (Variant, error) {
	for i, name := range variantNames {
		if strings.EqualFold(s, name) {
			return Variant(i), nil
		}
	}
	return 0, fmt.Errorf("txt2img: no variant %q; there are %s", s, strings.Join(variantNames[:], ", "))
}

// Of returns the game with its switches set to the variant: a Mismatch of ½ or 0, and Interpolate. It panics if there is no
// such variant.
func (v Variant) Of(g Game) Game {
	if v < GAN || v > GANINTCLS {
		panic(fmt.Sprintf("txt2img: no %v", v))
	}
	g.Mismatch = 0
	if v == GANCLS || v == GANINTCLS {
		g.Mismatch = 0.5
	}
	g.Interpolate = v == GANINT || v == GANINTCLS
	return g
}
