package synthetic

import (
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data/labelled"
)

// ShapeOptions are the choices of [Shapes] and [CaptionedShapes]. The zero value draws pictures of the size of CIFAR-10's.
type ShapeOptions struct {
	Side  int     // of a picture, in pixels; 0 means 32 for Shapes, 64 for CaptionedShapes
	Noise float64 // standard deviation of the noise, of a range of 1; 0 means 0.02, negative none
}

// Shapes draws n pictures of coloured shapes on coloured grounds that fade from side to side, in ten classes. Size, place,
// direction and colours are random. Picture i is of class i mod 10. It panics if n is negative or a picture has less than
// 8 pixels a side.
func Shapes(n int, seed uint64, o ShapeOptions) *labelled.Images {
	side := or(o.Side, 32)
	wantSizes("synthetic.Shapes", n, side)
	m := &labelled.Images{Height: side, Width: side, Channels: 3, Pixels: make([]uint8, n*side*side*3), Labels: make([]int, n)}
	for _, f := range figures {
		m.Classes = append(m.Classes, f.name)
	}
	each(n, seed, shapeStream, func(i int, rng *rand.Rand) {
		kind := i % len(figures)
		m.Labels[i] = kind
		scene{
			figure: figures[kind],
			ink:    anyColour(rng), from: anyColour(rng), to: anyColour(rng),
			size: between(rng, 0.25, 0.42), angle: between(rng, -math.Pi/5, math.Pi/5),
		}.visible(rng).paint(m.Pixels[i*side*side*3:(i+1)*side*side*3], side, max(or(o.Noise, 0.02), 0), rng)
	})
	return m
}

// figure is a kind of shape. Its outline lies within the circle of radius 1.
type figure struct {
	name string
	outline
}

var figures = []figure{
	{"circle", spokes(48, 0.9)},
	{"square", spokes(4, 1).turned(math.Pi / 4)},
	{"triangle", spokes(3, 1)},
	{"star", spokes(5, 1, 0.42)},
	{"cross", polygon(
		point{-0.3, -0.9}, point{0.3, -0.9}, point{0.3, -0.3}, point{0.9, -0.3}, point{0.9, 0.3}, point{0.3, 0.3},
		point{0.3, 0.9}, point{-0.3, 0.9}, point{-0.3, 0.3}, point{-0.9, 0.3}, point{-0.9, -0.3}, point{-0.3, -0.3})},
	{"ring", append(spokes(48, 0.95), spokes(48, 0.55).reversed()...)},
	{"crescent", crescent()},
	{"heart", heart()},
	{"arrow", polygon(
		point{0, -1}, point{0.65, -0.1}, point{0.25, -0.1}, point{0.25, 0.95}, point{-0.25, 0.95}, point{-0.25, -0.1}, point{-0.65, -0.1})},
	{"flower", flower()},
}

func crescent() outline {
	const steps = 24
	var corners []point
	for i := range steps + 1 {
		corners = append(corners, polar(math.Pi*float64(i)/steps, 0.95))
	}
	for i := range steps + 1 {
		p := polar(math.Pi*(1-float64(i)/steps), 0.95)
		corners = append(corners, point{0.45 * p.x, p.y})
	}
	o := polygon(corners...)
	for _, s := range o {
		s.p[0].x -= 0.4
	}
	return o
}

func heart() outline {
	const steps = 40
	corners := make([]point, steps)
	for i := range corners {
		t := 2 * math.Pi * float64(i) / steps
		s := math.Sin(t)
		corners[i] = point{
			16 * s * s * s / 18,
			-(13*math.Cos(t) - 5*math.Cos(2*t) - 2*math.Cos(3*t) - math.Cos(4*t)) / 18,
		}
	}
	return polygon(corners...)
}

func flower() outline {
	const steps = 72
	corners := make([]point, steps)
	for i := range corners {
		t := 2 * math.Pi * float64(i) / steps
		corners[i] = polar(t, 0.65+0.33*math.Cos(6*t))
	}
	return polygon(corners...)
}

func (o outline) turned(angle float64) outline {
	m := placed(0, 0, 1, 1, angle, 0)
	for _, s := range o {
		for i := range s.p {
			s.p[i] = m.apply(s.p[i])
		}
	}
	return o
}

// colour is red, green and blue, 0 to 255.
type colour [3]float64

func anyColour(rng *rand.Rand) colour {
	return colour{between(rng, 0, 255), between(rng, 0, 255), between(rng, 0, 255)}
}

// distance is how well two colours can be told apart, roughly.
func (c colour) distance(d colour) float64 {
	sum := 0.0
	for k := range c {
		sum += (c[k] - d[k]) * (c[k] - d[k])
	}
	return math.Sqrt(sum)
}

// scene is what one picture shows.
type scene struct {
	figure
	ink, from, to colour  // of the figure, and of the ground from one side to the other
	size, angle   float64 // size is the radius, of a side of 1
}

// visible returns the scene in other random colours unless the figure stands out from the whole ground: one that cannot
// be seen teaches nothing.
func (s scene) visible(rng *rand.Rand) scene {
	const apart = 110
	for s.ink.distance(s.from) < apart || s.ink.distance(s.to) < apart {
		s.ink, s.from, s.to = anyColour(rng), anyColour(rng), anyColour(rng)
	}
	return s
}

// paint draws the scene at a random place into side×side pixels.
func (s scene) paint(dst []uint8, side int, noise float64, rng *rand.Rand) {
	full := float64(side)
	room := 0.5 - s.size
	x, y := 0.5+between(rng, -room, room), 0.5+between(rng, -room, room)
	mask := s.fill(side, side, placed(x*full, y*full, s.size*full, s.size*full, s.angle, 0))
	sin, cos := math.Sincos(between(rng, 0, 2*math.Pi))
	for i := range side {
		for j := range side {
			t := 0.5 + 0.5*(sin*(2*float64(i)/full-1)+cos*(2*float64(j)/full-1))/math.Sqrt2
			a := float64(mask.Pix[i*mask.Stride+j]) / 255
			for k := range s.ink {
				ground := s.from[k] + t*(s.to[k]-s.from[k])
				v := ground + a*(s.ink[k]-ground)
				dst[(i*side+j)*3+k] = byteOf(v + 255*noise*rng.NormFloat64())
			}
		}
	}
}
