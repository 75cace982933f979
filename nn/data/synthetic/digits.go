package synthetic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/gander-ml/gander/nn/data/labelled"
)

// DigitOptions are the choices of [Digits]. The zero value draws pictures like those of MNIST.
type DigitOptions struct {
	Side  int     // of a picture, in pixels; 0 means 28
	Vary  float64 // how much digits are turned, leant, scaled and moved; 0 means 1, negative not at all
	Noise float64 // standard deviation of the noise, of a range of 1; 0 means 0.02, negative none
}

// Digits draws n grey pictures of the digits 0 to 9, light on black, in eight fonts, each turned by up to 15°, leant,
// scaled and moved. Picture i shows the digit i mod 10. It panics if n is negative or a picture has less than 8 pixels a
// side.
func Digits(n int, seed uint64, o DigitOptions) *labelled.Images {
	side := or(o.Side, 28)
	wantSizes("synthetic.Digits", n, side)
	vary, noise := max(or(o.Vary, 1), 0), max(or(o.Noise, 0.02), 0)
	glyphs := digitOutlines()
	m := &labelled.Images{Height: side, Width: side, Channels: 1, Pixels: make([]uint8, n*side*side), Labels: make([]int, n)}
	for d := range 10 {
		m.Classes = append(m.Classes, strconv.Itoa(d))
	}
	each(n, seed, digitStream, func(i int, rng *rand.Rand) {
		d := i % 10
		m.Labels[i] = d
		middle, s := float64(side)/2, float64(side)
		v := func(most float64) float64 { return vary * between(rng, -most, most) }
		// Outlines have height 1; MNIST's digits fill 20 of 28 pixels.
		scale := s * 20 / 28 * (1 + v(0.15))
		o := pick(rng, glyphs)[d]
		turn := placed(0, 0, scale*(1+v(0.15)), scale, v(math.Pi/12), v(0.2))
		// Move it as far as it stays within the picture.
		box := o.bounds(turn)
		place := func(lo, hi float64) float64 {
			room := min(0.08*s, max((s-(hi-lo))/2-1, 0))
			return middle - (lo+hi)/2 + vary*between(rng, -room, room)
		}
		turn.c, turn.f = place(box[0].x, box[1].x), place(box[0].y, box[1].y)
		mask := o.fill(side, side, turn)
		ink := 255 * (1 - vary*between(rng, 0, 0.25))
		for k, a := range mask.Pix {
			m.Pixels[i*side*side+k] = byteOf(float64(a)/255*ink + 255*noise*rng.NormFloat64())
		}
	})
	return m
}

// digitOutlines returns the outlines of the ten digits in each font, with the origin in the middle and height 1.
func digitOutlines() [][10]outline {
	var all [][10]outline
	for _, ttf := range [][]byte{
		goregular.TTF, gomedium.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF, gomono.TTF, gomonoitalic.TTF, gosmallcaps.TTF,
	} {
		var ten [10]outline
		for d := range ten {
			ten[d] = glyph(ttf, rune('0'+d))
		}
		all = append(all, ten)
	}
	return all
}

// glyph returns the outline of a character, with the origin in the middle of its box and height 1.
func glyph(ttf []byte, r rune) outline {
	font, err := sfnt.Parse(ttf)
	if err != nil {
		panic(fmt.Sprintf("synthetic: an embedded font is broken: %v", err))
	}
	var buf sfnt.Buffer
	index, err := font.GlyphIndex(&buf, r)
	if err != nil {
		panic(fmt.Sprintf("synthetic: an embedded font has no %q: %v", r, err))
	}
	segments, err := font.LoadGlyph(&buf, index, fixed.I(1024), nil)
	if err != nil {
		panic(fmt.Sprintf("synthetic: an embedded font has no outline of %q: %v", r, err))
	}
	box := segments.Bounds()
	height := float64(box.Max.Y - box.Min.Y)
	cx, cy := float64(box.Min.X+box.Max.X)/2, float64(box.Min.Y+box.Max.Y)/2
	var o outline
	for _, s := range segments {
		p := make([]point, pointsOf[s.Op])
		for i := range p {
			p[i] = point{(float64(s.Args[i].X) - cx) / height, (float64(s.Args[i].Y) - cy) / height}
		}
		o = append(o, stroke{move: s.Op == sfnt.SegmentOpMoveTo, p: p})
	}
	return o
}

// pointsOf is how many points a step of a curve has.
var pointsOf = [...]int{sfnt.SegmentOpMoveTo: 1, sfnt.SegmentOpLineTo: 1, sfnt.SegmentOpQuadTo: 2, sfnt.SegmentOpCubeTo: 3}

// or returns v, or the usual choice if v is zero.
func or[T int | float64](v, usual T) T {
	if v == 0 {
		return usual
	}
	return v
}

func wantSizes(op string, n, side int) {
	if n < 0 || side < 8 {
		panic(fmt.Sprintf("%s: %d pictures of %d×%d pixels; want at least 8×8", op, n, side, side))
	}
}
