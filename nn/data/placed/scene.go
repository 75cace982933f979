package placed

import (
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
)

// Relation is one of the eight sentences that captions are made of.
type Relation int

// The relations. The first four are of two digits, the others of one.
const (
	LeftOf Relation = iota
	RightOf
	OnTopOf
	AtBottomOf
	TopLeft
	TopRight
	BottomLeft
	BottomRight
	relations
)

// Two tells whether a relation is between two digits.
func (r Relation) Two() bool { return r < TopLeft }

// Scene is what a picture shows.
type Scene struct {
	Relation Relation
	First    int // digit 0 to 9
	Second   int // the other digit; 0 where there is one only
}

var names = [10]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}

var templates = [relations]string{
	"the digit %s is on the left of the digit %s .", "the digit %s is on the right of the digit %s .",
	"the digit %s is at the top of the digit %s .", "the digit %s is at the bottom of the digit %s .",
	"the digit %s is at the top left of the image .", "the digit %s is at the top right of the image .",
	"the digit %s is at the bottom left of the image .", "the digit %s is at the bottom right of the image .",
}

// Caption returns the sentence of twelve words, the full stop among them. It panics if there is no such scene.
func (s Scene) Caption() string {
	s.check("placed.Scene.Caption")
	if s.Relation.Two() {
		return fmt.Sprintf(templates[s.Relation], names[s.First], names[s.Second])
	}
	return fmt.Sprintf(templates[s.Relation], names[s.First])
}

// Parse returns the scene of a caption, and false if it is none that [Scene.Caption] makes.
func Parse(caption string) (Scene, bool) {
	for _, s := range All() {
		if s.Caption() == caption {
			return s, true
		}
	}
	return Scene{}, false
}

// All returns the 440 scenes that there are.
func All() (all []Scene) {
	for r := range relations {
		for first := range 10 {
			second := 1
			if r.Two() {
				second = 10
			}
			for k := range second {
				all = append(all, Scene{r, first, k})
			}
		}
	}
	return all
}

func (s Scene) check(op string) {
	if s.Relation < 0 || s.Relation >= relations || s.First < 0 || s.First > 9 || s.Second < 0 || s.Second > 9 {
		panic(fmt.Sprintf("%s: no scene %+v", op, s))
	}
}

// Part is a digit of a scene.
type Part struct {
	Digit int
	Place image.Rectangle // that the digit lies in: a half or a quarter of the picture
	slot  int
}

// Parts returns the digits of a scene, one or two.
func (s Scene) Parts() []Part {
	s.check("placed.Scene.Parts")
	const half = Side / 2
	left, right := image.Rect(0, 0, half, Side), image.Rect(half, 0, Side, Side)
	top, bottom := image.Rect(0, 0, Side, half), image.Rect(0, half, Side, Side)
	switch s.Relation {
	case LeftOf:
		return []Part{{s.First, left, 0}, {s.Second, right, 1}}
	case RightOf:
		return []Part{{s.First, right, 2}, {s.Second, left, 3}}
	case OnTopOf:
		return []Part{{s.First, top, 4}, {s.Second, bottom, 5}}
	case AtBottomOf:
		return []Part{{s.First, bottom, 6}, {s.Second, top, 7}}
	case TopLeft:
		return []Part{{s.First, top.Intersect(left), 8}}
	case TopRight:
		return []Part{{s.First, top.Intersect(right), 9}}
	case BottomLeft:
		return []Part{{s.First, bottom.Intersect(left), 10}}
	}
	return []Part{{s.First, bottom.Intersect(right), 11}}
}

// slots is how many digits all templates have together.
const slots = 12

// Ban is combinations of digit and position that are kept from training: for each of the twelve digits of the eight templates,
// in their order, one that is not put there. Mansimov et al. 2016, §4.2.
type Ban [slots]int

// NewBan draws the digits that are banned.
func NewBan(seed uint64) (b Ban) {
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range b {
		b[i] = rng.IntN(10)
	}
	return b
}

// Holds tells whether the ban keeps a scene from training.
func (b Ban) Holds(s Scene) bool { return slices.ContainsFunc(s.Parts(), b.HoldsPart) }

// HoldsPart tells whether the ban keeps a digit from its place. The other digit of such a scene may well have been there.
func (b Ban) HoldsPart(p Part) bool { return b[p.slot] == p.Digit }

// Split returns the scenes to train on and those that the ban holds.
func (b Ban) Split() (allowed, banned []Scene) {
	for _, s := range All() {
		if b.Holds(s) {
			banned = append(banned, s)
		} else {
			allowed = append(allowed, s)
		}
	}
	return allowed, banned
}
