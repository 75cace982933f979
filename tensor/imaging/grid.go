package imaging

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// Grid lays pictures out in rows and columns, with captions. The zero value is a plain, nearly square sheet on white.
// Captions are wrapped, and "\n" begins a new line.
//
//	sheet := imaging.Grid{Columns: 8, Labels: captions}.Compose(samples)
//	err := imaging.Save("samples.png", sheet, imaging.EncodeOptions{})
type Grid struct {
	Columns      int        // pictures in a row; 0 means the root of their number, rounded up
	Pad          int        // pixels around each picture; 0 means 4, negative none
	Zoom         int        // each pixel becomes Zoom×Zoom; 0 means 1
	Range        [2]float32 // the values shown black and white; zero means 0 and 1
	Title        string     // above everything
	ColumnLabels []string   // above the columns
	RowLabels    []string   // left of the rows
	Labels       []string   // below each picture, in the order of the pictures
	TextSize     float64    // height of the type in pixels; 0 means 13
	Dark         bool       // light on dark instead of dark on white
}

// Compose draws the pictures of all cells in order, left to right and top to bottom. A cell is (H, W, C), or (N, H, W, C)
// for N pictures, with C 1 or 3; nil leaves a gap. Pictures may differ in size and are centred. Values outside the range
// are clamped. The result is RGB, 8 bits. It panics if there is no picture or one of another shape.
func (g Grid) Compose(cells ...*tensor.Tensor) *Image {
	pictures := g.pictures(cells)
	l := g.layout(pictures)
	canvas := image.NewRGBA(image.Rect(0, 0, l.width, l.height))
	draw.Draw(canvas, canvas.Rect, image.NewUniform(l.paper), image.Point{}, draw.Src)
	l.text.draw(canvas, l.title, 0, l.pad, l.width)
	for j, lines := range l.heads {
		l.text.draw(canvas, lines, l.x[j], l.headsBottom-l.text.height(lines), l.cols[j])
	}
	for i, lines := range l.sides {
		l.text.draw(canvas, lines, l.pad, l.y[i]+(l.rows[i]-l.text.height(lines))/2, l.side)
	}
	for k, p := range pictures {
		i, j := k/l.columns, k%l.columns
		if p != nil {
			at := image.Pt(l.x[j]+(l.cols[j]-p.Rect.Dx())/2, l.y[i]+(l.rows[i]-p.Rect.Dy())/2)
			draw.Draw(canvas, p.Rect.Add(at), p, image.Point{}, draw.Src)
		}
		if k < len(l.feet) {
			l.text.draw(canvas, l.feet[k], l.x[j], l.y[i]+l.rows[i]+2, l.cols[j])
		}
	}
	return FromImage(canvas)
}

// pictures splits batches and renders each picture at its zoom; nil for a gap.
func (g Grid) pictures(cells []*tensor.Tensor) []*image.RGBA {
	var out []*image.RGBA
	for _, c := range cells {
		switch {
		case c == nil:
			out = append(out, nil)
		case c.Rank() == 3:
			out = append(out, g.render(c))
		case c.Rank() == 4:
			for i := range c.Dim(0) {
				out = append(out, g.render(c.Rows(i, i+1).Reshape(c.Shape()[1:]...)))
			}
		default:
			panic(fmt.Sprintf("imaging.Grid: want pictures (H,W,C) or (N,H,W,C), got %s", tensor.Format(c.Shape())))
		}
	}
	if len(out) == 0 {
		panic("imaging.Grid: no pictures")
	}
	return out
}

func (g Grid) render(x *tensor.Tensor) *image.RGBA {
	if lo, hi := g.Range[0], g.Range[1]; lo != hi {
		y := tensor.New(x.Shape()...)
		for i, v := range x.Data() {
			y.Data()[i] = (v - lo) / (hi - lo)
		}
		x = y
	}
	m := Image{Pixels: Enlarge(x, max(g.Zoom, 1))}
	m.check("imaging.Grid")
	out := image.NewRGBA(image.Rect(0, 0, m.Width(), m.Height()))
	m.fill(out.Pix, 4, 1)
	return out
}

// captionGap is the least distance between a caption and what stands beside it.
const captionGap = 8

// layout is where everything goes, in pixels.
type layout struct {
	text          *typesetter
	paper         color.Color
	pad, columns  int
	width, height int
	title         []string
	heads         [][]string // lines above each column, ending at headsBottom
	headsBottom   int
	sides         [][]string // lines left of each row, in a strip of width side
	side          int
	feet          [][]string // lines below each picture
	cols, rows    []int      // sizes of the cells, without captions
	x, y          []int      // their corners
}

func (g Grid) layout(pictures []*image.RGBA) layout {
	const (
		widestSide = 200 // a row's caption is wrapped beyond
		widestWord = 120 // columns of small pictures grow to this for their captions
	)
	l := layout{pad: g.Pad, columns: g.Columns, paper: color.White}
	switch {
	case l.pad == 0:
		l.pad = 4
	case l.pad < 0:
		l.pad = 0
	}
	if l.columns <= 0 {
		l.columns = int(math.Ceil(math.Sqrt(float64(len(pictures)))))
	}
	size := g.TextSize
	if !(size > 0) {
		size = 13
	}
	var ink color.Color = color.Gray{Y: 0x20}
	if g.Dark {
		l.paper, ink = color.Gray{Y: 0x16}, color.Gray{Y: 0xe0}
	}
	l.text = newTypesetter(size, ink)

	l.cols, l.rows = make([]int, l.columns), make([]int, (len(pictures)+l.columns-1)/l.columns)
	for k, p := range pictures {
		i, j := k/l.columns, k%l.columns
		if p != nil {
			l.cols[j], l.rows[i] = max(l.cols[j], p.Rect.Dx()), max(l.rows[i], p.Rect.Dy())
		}
		if k < len(g.Labels) {
			l.cols[j] = max(l.cols[j], l.text.widest([]string{g.Labels[k]}, widestWord))
		}
		if j < len(g.ColumnLabels) {
			l.cols[j] = max(l.cols[j], l.text.widest([]string{g.ColumnLabels[j]}, widestWord))
		}
	}
	for j := range min(len(g.ColumnLabels), l.columns) {
		l.heads = append(l.heads, l.text.wrap(g.ColumnLabels[j], l.cols[j]))
	}
	labels := g.RowLabels[:min(len(g.RowLabels), len(l.rows))]
	l.side = l.text.widest(labels, widestSide)
	for _, s := range labels {
		l.sides = append(l.sides, l.text.wrap(s, widestSide))
	}
	for k := range min(len(g.Labels), len(pictures)) {
		l.feet = append(l.feet, l.text.wrap(g.Labels[k], l.cols[k%l.columns]))
	}
	l.place(g.Title)
	return l
}

// place turns sizes into corners and the size of the whole.
func (l *layout) place(title string) {
	tallest := func(texts [][]string) int {
		h := 0
		for _, lines := range texts {
			h = max(h, l.text.height(lines))
		}
		return h
	}
	at := l.pad
	if l.side > 0 {
		at += l.side + max(l.pad, captionGap)
	}
	for j, w := range l.cols {
		l.x = append(l.x, at)
		at += w + l.pad
		if j < len(l.cols)-1 && len(l.feet)+len(l.heads) > 0 {
			at += max(captionGap-l.pad, 0) // neighbouring captions must not run together
		}
	}
	l.width = max(at, 1)

	at = l.pad
	if l.title = l.text.wrap(title, l.width); len(l.title) > 0 {
		at += l.text.height(l.title) + max(l.pad, 4)
	}
	if h := tallest(l.heads); h > 0 {
		at += h + 2
	}
	l.headsBottom = at - 2
	for i, h := range l.rows {
		if i < len(l.sides) {
			h = max(h, l.text.height(l.sides[i]))
			l.rows[i] = h
		}
		l.y = append(l.y, at)
		at += h + l.pad
		first := i * l.columns
		if first < len(l.feet) {
			if f := tallest(l.feet[first:min(first+l.columns, len(l.feet))]); f > 0 {
				at += f + 4
			}
		}
	}
	l.height = max(at, 1)
}

// Crop returns a copy of the pixels of x (H, W, C) inside r, whose X runs along W. It panics unless r is a part of x that
// holds at least one pixel.
func Crop(x *tensor.Tensor, r image.Rectangle) *tensor.Tensor {
	if x.Rank() != 3 || r.Empty() || !r.In(image.Rect(0, 0, x.Dim(1), x.Dim(0))) {
		panic(fmt.Sprintf("imaging.Crop: no part %v in shape %s", r, tensor.Format(x.Shape())))
	}
	w, c := x.Dim(1), x.Dim(2)
	out := make([]float32, 0, r.Dx()*r.Dy()*c)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		out = append(out, x.Data()[(y*w+r.Min.X)*c:(y*w+r.Max.X)*c]...)
	}
	return tensor.FromSlice(out, r.Dy(), r.Dx(), c)
}

// Enlarge repeats each pixel of x (H, W, C) k×k times, so that single pixels can be seen. It returns x itself for k = 1,
// and panics if k is less or x has another rank.
func Enlarge(x *tensor.Tensor, k int) *tensor.Tensor {
	if x.Rank() != 3 || k < 1 {
		panic(fmt.Sprintf("imaging.Enlarge: want (H,W,C) and a factor of at least 1, got %s and %d", tensor.Format(x.Shape()), k))
	}
	if k == 1 {
		return x
	}
	h, w, c := x.Dim(0), x.Dim(1), x.Dim(2)
	out := make([]float32, 0, h*w*c*k*k)
	for y := range h {
		start := len(out)
		for i := range w {
			for range k {
				out = append(out, x.Data()[(y*w+i)*c:(y*w+i+1)*c]...)
			}
		}
		row := slices.Clone(out[start:])
		for range k - 1 {
			out = append(out, row...)
		}
	}
	return tensor.FromSlice(out, h*k, w*k, c)
}
