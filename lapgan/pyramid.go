package lapgan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
)

// Pyramid paints from coarse to fine, I_k = u(I_{k+1}) + h_k, where each level draws its h_k given what u makes of the image
// before it. Denton et al. 2015, eq. 5.
type Pyramid struct {
	Sizes    []int    // sides of the square images, coarse to fine
	Levels   []Level  // one for each size; the first draws images, the others residuals
	Operator Operator // how images are made larger; nil means [Bilinear]
	Norm     *Norm    // between pictures and the values that levels work with; nil means that they are the same
}

// Wanted says which images to draw. The zero value means one, of no class.
type Wanted struct {
	N       int   // how many; 0 means as many as Classes, or 1
	Classes []int // of the images, in turn if there are fewer; nil means none are asked for
}

// Class asks for one image of each class listed: Class(3), or Class(0, 0, 1, 1).
func Class(classes ...int) Wanted { return Wanted{Classes: classes} }

// Many asks for n images of no class.
func Many(n int) Wanted { return Wanted{N: n} }

// Sample draws images with everything on the way to them. Values are those that levels work with; see [Pyramid.Show]. At
// most one Wanted may be given. It panics if the pyramid does not fit together.
func (p Pyramid) Sample(rng *rand.Rand, want ...Wanted) *Chain {
	w := Wanted{}
	switch len(want) {
	case 0:
	case 1:
		w = want[0]
	default:
		panic(fmt.Sprintf("lapgan.Pyramid.Sample: want at most one Wanted, got %d", len(want)))
	}
	p.check()
	given := Given{N: max(w.N, len(w.Classes))}
	if w.N > 0 {
		given.N = w.N
	}
	given.N = max(given.N, 1)
	if len(w.Classes) > 0 {
		given.Classes = make([]int, given.N)
		for i := range given.Classes {
			given.Classes[i] = w.Classes[i%len(w.Classes)]
		}
	}
	return p.Redraw(rng, Start{Images: p.draw(0, given, rng), Classes: given.Classes})
}

// Start is images of the coarsest size to begin with.
type Start struct {
	Images  *tensor.Tensor // (N,h,w,C)
	Classes []int          // of the images, or nil
}

// Repeat returns every image n times, n neighbours each, to draw variants of it.
func (s Start) Repeat(n int) Start {
	var index, classes []int
	for i := range s.Images.Dim(0) {
		for range n {
			index = append(index, i)
			if s.Classes != nil {
				classes = append(classes, s.Classes[i])
			}
		}
	}
	return Start{Images: tensor.Gather(s.Images, index), Classes: classes}
}

// Redraw draws all levels but the coarsest anew: images that begin alike and differ in their details.
func (p Pyramid) Redraw(rng *rand.Rand, start Start) *Chain {
	p.check()
	side := p.Sizes[0]
	if s := start.Images.Shape(); len(s) != 4 || s[1] != side || s[2] != side || start.Classes != nil && len(start.Classes) != s[0] {
		panic(fmt.Sprintf("lapgan.Pyramid.Redraw: want images (N,%d,%d,C), got %s with %d classes", side, side,
			tensor.Format(s), len(start.Classes)))
	}
	c := &Chain{Stages: []Stage{{Image: start.Images}}, Classes: start.Classes}
	for k := 1; k < len(p.Levels); k++ {
		low := up(p.operator(), c.Stages[k-1].Image, Size{p.Sizes[k], p.Sizes[k]})
		h := p.draw(k, Given{N: low.Dim(0), Low: low, Classes: start.Classes}, rng)
		c.Stages = append(c.Stages, Stage{Image: tensor.Add(low, h), Low: low, Residual: h})
	}
	return c
}

// draw samples a level and checks what it returns: levels are other people's code.
func (p Pyramid) draw(k int, given Given, rng *rand.Rand) *tensor.Tensor {
	x := p.Levels[k].Sample(given, rng)
	side := p.Sizes[k]
	s := x.Shape()
	ok := len(s) == 4 && s[0] == given.N && s[1] == side && s[2] == side
	if given.Low != nil {
		ok = ok && tensor.SameShape(x, given.Low)
	}
	if !ok {
		panic(fmt.Sprintf("lapgan.Pyramid: level %d, a %T, made %s; want %d results of %d×%d", k, p.Levels[k],
			tensor.Format(s), given.N, side, side))
	}
	return x
}

// Finest returns the side of the images that the pyramid paints.
func (p Pyramid) Finest() int { return p.Sizes[len(p.Sizes)-1] }

// Decompose returns the pyramid of normalised images (N,H,W,C) with the pyramid's sizes.
func (p Pyramid) Decompose(x *tensor.Tensor) *Chain {
	return Build(p.operator(), x, Squares(p.Sizes...))
}

func (p Pyramid) operator() Operator {
	if p.Operator == nil {
		return Bilinear{}
	}
	return p.Operator
}

func (p Pyramid) check() {
	if len(p.Sizes) == 0 || len(p.Sizes) != len(p.Levels) {
		panic(fmt.Sprintf("lapgan.Pyramid: want a level for each size, got %d levels and sizes %v", len(p.Levels), p.Sizes))
	}
	for k, n := range p.Sizes {
		if n < 1 || k > 0 && n < p.Sizes[k-1] {
			panic(fmt.Sprintf("lapgan.Pyramid: sizes %v do not grow", p.Sizes))
		}
	}
	for k, l := range p.Levels {
		if l == nil {
			panic(fmt.Sprintf("lapgan.Pyramid: level %d is nil", k))
		}
	}
}
