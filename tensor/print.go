package tensor

import (
	"math"
	"strconv"
	"strings"
)

const (
	printAll  = 1000 // tensors of more elements are summarised
	printEdge = 3    // how many rows and columns a summary shows at either end
)

// String returns the elements as nested rows. A large tensor is summarised by its edges and its shape:
//
//	[[0 1 2]
//	 [3 4 5]]
//
// Whole numbers are written as such; others with four decimals, or in scientific notation if some are very large or
// very small.
func (t *Tensor) String() string {
	p := printer{t: t, edge: math.MaxInt}
	if len(t.data) > printAll || len(t.data) == 0 {
		p.edge = printEdge
	}
	var shown []float32
	p.walk(0, 0, func(at int) { shown = append(shown, t.data[at]) })
	p.format = formatFor(shown)
	for _, v := range shown {
		p.width = max(p.width, len(p.format(v)))
	}
	p.write(0, 0)
	if len(t.data) > printAll || len(t.data) == 0 {
		p.b.WriteString(" shape " + Format(t.shape))
	}
	return p.b.String()
}

type printer struct {
	t      *Tensor
	edge   int
	b      strings.Builder
	format func(v float32) string
	width  int
}

// walk calls f with the place of every element that is shown, from an axis on.
func (p *printer) walk(axis, at int, f func(at int)) {
	if axis == len(p.t.shape) {
		f(at)
		return
	}
	n := p.t.shape[axis]
	for i := range n {
		if !p.hidden(i, n) {
			p.walk(axis+1, at*n+i, f)
		}
	}
}

func (p *printer) write(axis, at int) {
	if axis == len(p.t.shape) {
		text := p.format(p.t.data[at])
		if axis > 0 {
			p.b.WriteString(strings.Repeat(" ", p.width-len(text)))
		}
		p.b.WriteString(text)
		return
	}
	gap := " "
	if below := len(p.t.shape) - axis - 1; below > 0 {
		gap = strings.Repeat("\n", below) + strings.Repeat(" ", axis+1)
	}
	n := p.t.shape[axis]
	p.b.WriteByte('[')
	for i := range n {
		if p.hidden(i, n) {
			if i == p.edge {
				p.b.WriteString(gap + "...")
			}
			continue
		}
		if i > 0 {
			p.b.WriteString(gap)
		}
		p.write(axis+1, at*n+i)
	}
	p.b.WriteByte(']')
}

// hidden reports whether element i of n is left out of a summary.
func (p *printer) hidden(i, n int) bool { return i >= p.edge && i < n-p.edge }

// formatFor chooses one way to write all of some numbers.
func formatFor(values []float32) func(v float32) string {
	whole, least, most := true, math.Inf(1), 0.0
	for _, v := range values {
		a := math.Abs(float64(v))
		if math.IsNaN(a) || math.IsInf(a, 0) {
			continue
		}
		whole = whole && a == math.Trunc(a)
		most = max(most, a)
		if a > 0 {
			least = min(least, a)
		}
	}
	verb, digits := byte('f'), 4
	switch {
	case whole && most < 1e7:
		digits = 0
	case most >= 1e5 || least < 1e-3 && most < 1e-1 || least < 1e-4:
		verb = 'e'
	}
	return func(v float32) string { return strconv.FormatFloat(float64(v), verb, digits, 32) }
}
