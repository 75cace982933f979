package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gander-ml/gander/gan/metric"
)

// row is what was measured of a run; nil is what was not.
type row struct {
	name                               string
	parameters                         int // of its generators
	factorised, joint, fid, recognised *metric.Figure
}

// published are the figures of the paper, by the data set: means and deviations of likelihoods. It tells no other figures.
var published = map[string][]struct{ name, factorised, joint string }{
	"CIFAR-10": {{"paper: GAN", "", "-3617 ± 353"}, {"paper: LAPGAN", "-1799 ± 826", ""}},
	"STL-10":   {{"paper: GAN", "", "-3661 ± 347"}, {"paper: LAPGAN", "-2906 ± 728", ""}},
}

// printTable prints rows beside the figures of the paper.
func printTable(to io.Writer, rows []row, set string) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	line := func(cells ...string) {
		for i, c := range cells {
			if c == "" {
				cells[i] = "–"
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	line("run", "parameters", "ln p, factorised", "ln p, joint", "FID", "recognised")
	for _, r := range rows {
		cells := []string{r.name, "", "", "", "", ""}
		if r.parameters > 0 {
			cells[1] = fmt.Sprint(r.parameters)
		}
		for i, f := range []*metric.Figure{r.factorised, r.joint} {
			if f != nil {
				cells[2+i] = fmt.Sprintf("%.0f ± %.0f", f.Value, f.Spread)
			}
		}
		if r.fid != nil {
			cells[4] = fmt.Sprintf("%.1f", r.fid.Value)
		}
		if r.recognised != nil {
			cells[5] = fmt.Sprintf("%.1f %%", 100*r.recognised.Value)
		}
		line(cells...)
	}
	for _, p := range published[set] {
		line(p.name, "", p.factorised, p.joint, "", "")
	}
	return w.Flush()
}
