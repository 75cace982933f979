package train

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// curvePoints is how many points a curve has at most; more are averaged in groups.
const curvePoints = 400

// redrawAfter is how old the curves are at least before they are drawn again, so that a run with small steps does not
// spend its time on drawing.
const redrawAfter = 5 * time.Second

// curves draws curves.png: a panel with the terms of each player, and one with the evaluations.
func (o *output) curves(last bool) error {
	if o.dir == "" || !last && time.Since(o.drawn) < redrawAfter {
		return nil
	}
	panels := panelsOf(o.records)
	if len(panels) == 0 {
		return nil
	}
	grid := make([][]*plot.Plot, len(panels))
	for i, p := range panels {
		drawn, err := p.draw()
		if err != nil {
			return fmt.Errorf("train: curves: %w", err)
		}
		grid[i] = []*plot.Plot{drawn}
	}
	canvas := vgimg.New(8*vg.Inch, vg.Length(len(panels))*3*vg.Inch)
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadY: vg.Points(12), PadTop: vg.Points(6), PadBottom: vg.Points(6),
		PadLeft: vg.Points(6), PadRight: vg.Points(12)}
	for i, row := range plot.Align(grid, tiles, draw.New(canvas)) {
		grid[i][0].Draw(row[0])
	}
	var b bytes.Buffer
	// The picture is drawn again and again, so it is packed fast rather than well.
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, canvas.Image()); err != nil {
		return fmt.Errorf("train: curves: %w", err)
	}
	o.drawn = time.Now()
	return writeFile(filepath.Join(o.dir, "curves.png"), b.Bytes())
}

// panel is a set of curves that share axes.
type panel struct {
	title  string
	names  []string
	curves map[string]plotter.XYs
}

// panelsOf sorts the numbers of a log into panels, in alphabetical order with the evaluations last.
func panelsOf(records []Record) []*panel {
	byTitle := map[string]*panel{}
	add := func(title, name string, step int, v Number) {
		if !finite(float64(v)) {
			return
		}
		p := byTitle[title]
		if p == nil {
			p = &panel{title: title, curves: map[string]plotter.XYs{}}
			byTitle[title] = p
		}
		p.curves[name] = append(p.curves[name], plotter.XY{X: float64(step), Y: float64(v)})
	}
	for _, r := range records {
		for name, v := range r.Terms {
			player, term, several := strings.Cut(name, "/")
			if !several {
				player, term = "loss", name
			}
			add(player, term, r.Step, v)
		}
	}
	var panels []*panel
	for _, p := range byTitle {
		panels = append(panels, p)
	}
	slices.SortFunc(panels, func(a, b *panel) int { return strings.Compare(a.title, b.title) })
	clear(byTitle)
	for _, r := range records {
		for name, v := range r.Eval {
			add("evaluation", name, r.Step, v)
		}
	}
	if p := byTitle["evaluation"]; p != nil {
		panels = append(panels, p)
	}
	for _, p := range panels {
		for name := range p.curves {
			p.names = append(p.names, name)
		}
		slices.Sort(p.names)
	}
	return panels
}

func (p *panel) draw() (*plot.Plot, error) {
	out := plot.New()
	out.Title.Text = p.title
	out.X.Label.Text = "step"
	out.Legend.Top = true
	out.Add(plotter.NewGrid())
	for i, name := range p.names {
		line, err := plotter.NewLine(thin(p.curves[name], curvePoints))
		if err != nil {
			return nil, err
		}
		line.Color = plotutil.Color(i)
		line.Width = vg.Points(1.2)
		out.Add(line)
		out.Legend.Add(name, line)
	}
	if out.Y.Min == out.Y.Max { // a flat curve still needs an axis
		pad := max(math.Abs(out.Y.Min)*0.1, 1e-6)
		out.Y.Min, out.Y.Max = out.Y.Min-pad, out.Y.Max+pad
	}
	out.Y.Max += 0.08 * float64(len(p.names)) * (out.Y.Max - out.Y.Min) // room for the legend
	out.X.Min = 0
	out.X.Max = max(out.X.Max, 1)
	return out, nil
}

// thin returns at most n points, means over groups of neighbours.
func thin(xys plotter.XYs, n int) plotter.XYs {
	if len(xys) <= n {
		return xys
	}
	out := make(plotter.XYs, n)
	for i := range out {
		group := xys[i*len(xys)/n : (i+1)*len(xys)/n]
		for _, p := range group {
			out[i].X += p.X / float64(len(group))
			out[i].Y += p.Y / float64(len(group))
		}
	}
	return out
}
