package style

import (
	"fmt"
	"image"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Chart draws the ROC curves of several scores, with chance as a dashed line.
type Chart struct {
	Title string
	lines []line
}

type line struct {
	name string
	Verification
}

// Add puts a curve into the chart, under those before. Its AUC is shown with the name.
func (c *Chart) Add(name string, v Verification) { c.lines = append(c.lines, line{name, v}) }

// Draw returns the picture. It is an error if a curve has no points because scores were NaN.
func (c *Chart) Draw() (image.Image, error) {
	p := plot.New()
	p.Title.Text = c.Title
	p.X.Label.Text, p.Y.Label.Text = "dissimilar pairs taken for similar", "similar pairs found"
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	p.Legend.Padding, p.Legend.XOffs, p.Legend.YOffs = vg.Points(2), -vg.Points(6), vg.Points(6)
	p.Add(plotter.NewGrid())
	chance, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}})
	if err != nil {
		return nil, fmt.Errorf("style: chart: %w", err)
	}
	chance.Color = color.Gray{140}
	chance.Dashes = []vg.Length{vg.Points(4), vg.Points(4)}
	p.Add(chance)
	for i, l := range c.lines {
		if len(l.ROC.False) == 0 {
			return nil, fmt.Errorf("style: chart: the curve %q has no points: its scores are not numbers", l.name)
		}
		xys := make(plotter.XYs, len(l.ROC.False))
		for k := range xys {
			xys[k] = plotter.XY{X: l.ROC.False[k], Y: l.ROC.True[k]}
		}
		curve, err := plotter.NewLine(xys)
		if err != nil {
			return nil, fmt.Errorf("style: chart: the curve %q: %w", l.name, err)
		}
		curve.Color, curve.Width = plotutil.Color(i), vg.Points(1.5)
		p.Add(curve)
		p.Legend.Add(fmt.Sprintf("%s: AUC %.3f ± %.3f", l.name, l.AUC, l.Spread), curve)
	}
	canvas := vgimg.New(5*vg.Inch, 5*vg.Inch)
	p.Draw(draw.New(canvas))
	return canvas.Image(), nil
}
