package synthetic

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// point is a place in the plane, y down.
type point struct{ x, y float64 }

// outline is closed curves around the origin. Inside is where they wind.
type outline []stroke

// stroke is one step of a curve: a move to p[0], a line to p[0], or a quadratic or cubic arc that ends in the last point.
type stroke struct {
	move bool
	p    []point
}

// polygon returns the outline with the given corners.
func polygon(corners ...point) outline {
	o := make(outline, len(corners))
	for i, c := range corners {
		o[i] = stroke{move: i == 0, p: []point{c}}
	}
	return o
}

// polar returns the point at an angle, clockwise from the top, and a distance.
func polar(angle, r float64) point { return point{r * math.Sin(angle), -r * math.Cos(angle)} }

// spokes returns a polygon whose corners lie at equal angles and at the given distances in turn.
func spokes(n int, radii ...float64) outline {
	corners := make([]point, n*len(radii))
	for i := range corners {
		corners[i] = polar(2*math.Pi*float64(i)/float64(len(corners)), radii[i%len(radii)])
	}
	return polygon(corners...)
}

// reversed returns the outline with its polygons wound the other way, which cuts a hole. It is for one polygon.
func (o outline) reversed() outline {
	corners := make([]point, 0, len(o))
	for i := len(o) - 1; i >= 0; i-- {
		corners = append(corners, o[i].p[0])
	}
	return polygon(corners...)
}

// affine maps p to (a·x + b·y + c, d·x + e·y + f).
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) apply(p point) point {
	return point{m.a*p.x + m.b*p.y + m.c, m.d*p.x + m.e*p.y + m.f}
}

// placed returns the map that leans a figure by shear, turns it by angle, scales it and moves its origin to (x, y).
func placed(x, y, sx, sy, angle, shear float64) affine {
	sin, cos := math.Sincos(angle)
	return affine{
		a: cos * sx, b: (cos*shear - sin) * sy, c: x,
		d: sin * sx, e: (sin*shear + cos) * sy, f: y,
	}
}

// bounds returns the corners of a box around the outline.
func (o outline) bounds(m affine) [2]point {
	lo, hi := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, s := range o {
		for _, p := range s.p {
			p = m.apply(p)
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	return [2]point{lo, hi}
}

// fill returns how much of each pixel of a w×h picture the outline covers, 0 to 255.
func (o outline) fill(w, h int, m affine) *image.Alpha {
	r := vector.NewRasterizer(w, h)
	r.DrawOp = draw.Src
	at := func(p point) (float32, float32) {
		p = m.apply(p)
		return float32(p.x), float32(p.y)
	}
	for _, s := range o {
		x1, y1 := at(s.p[0])
		switch {
		case s.move:
			r.ClosePath()
			r.MoveTo(x1, y1)
		case len(s.p) == 1:
			r.LineTo(x1, y1)
		case len(s.p) == 2:
			x2, y2 := at(s.p[1])
			r.QuadTo(x1, y1, x2, y2)
		default:
			x2, y2 := at(s.p[1])
			x3, y3 := at(s.p[2])
			r.CubeTo(x1, y1, x2, y2, x3, y3)
		}
	}
	r.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, w, h))
	r.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	return mask
}
