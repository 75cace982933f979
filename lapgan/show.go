package lapgan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// Show returns images of any of the pyramid's sizes as pictures, clamped to [0,1].
func (p Pyramid) Show(x *tensor.Tensor) *tensor.Tensor {
	if p.Norm != nil {
		x = p.Norm.at(x.Dim(1)).Undo(x)
	}
	return tensor.Clamp(x, 0, 1)
}

// showResidual returns residuals as pictures, around grey and amplified.
func (p Pyramid) showResidual(h *tensor.Tensor) *tensor.Tensor {
	const gain = 2
	if p.Norm != nil {
		h = tensor.Mul(h, p.Norm.at(h.Dim(1)).Std)
	}
	return tensor.Clamp(tensor.Affine(h, gain, 0.5), 0, 1)
}

// Picture draws chains, one in a row: the coarsest image and then for each size the enlarged image, what the level adds, and
// their sum. Residuals are drawn around grey, twice as strong as they are. All sizes are enlarged to that of the finest, and
// this is shown zoom times as large; 0 means 2.
func (p Pyramid) Picture(c *Chain, zoom int) *imaging.Image {
	if zoom == 0 {
		zoom = 2
	}
	finest := c.Result().Dim(1)
	grid := imaging.Grid{Columns: 3*len(c.Stages) - 2, Zoom: zoom}
	for k, s := range c.Stages {
		side := s.Image.Dim(1)
		if k > 0 {
			grid.ColumnLabels = append(grid.ColumnLabels, "enlarged", fmt.Sprintf("+ h %d", side))
		}
		grid.ColumnLabels = append(grid.ColumnLabels, fmt.Sprintf("%d×%d", side, side))
	}
	var cells []*tensor.Tensor
	add := func(x *tensor.Tensor, i int) {
		// Pixels are repeated, so that the size shows.
		row := tensor.Resize(x.Rows(i, i+1), finest, finest, tensor.NearestExact)
		cells = append(cells, row)
	}
	for i := range c.Len() {
		for _, s := range c.Stages {
			if s.Low != nil {
				add(p.Show(s.Low), i)
				add(p.showResidual(s.Residual), i)
			}
			add(p.Show(s.Image), i)
		}
	}
	return grid.Compose(cells...)
}

// Table draws a table of classes: n images of each, one class in a row. names may be nil.
func (p Pyramid) Table(rng *rand.Rand, classes []int, n, zoom int, names []string) *imaging.Image {
	grid := imaging.Grid{Columns: n, Zoom: zoom}
	var cells []*tensor.Tensor
	for _, k := range classes {
		if k >= 0 && k < len(names) {
			grid.RowLabels = append(grid.RowLabels, names[k])
		} else {
			grid.RowLabels = append(grid.RowLabels, fmt.Sprint(k))
		}
		cells = append(cells, p.Show(p.Sample(rng, Wanted{N: n, Classes: []int{k}}).Result()))
	}
	return grid.Compose(cells...)
}
