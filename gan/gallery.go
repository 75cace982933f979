package gan

import (
	"errors"
	"image"
	"strconv"

	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// Gallery draws sheets of what the generator of a game has learned, of its average if the game keeps one. Its methods are for
// [train.Run.Sample]; a run calls them with the same random numbers each time, so that all its sheets show the same latents:
//
//	run.Sample = gan.Gallery{Game: game}.Samples
type Gallery struct {
	Game          Game
	Rows, Columns int          // pictures; 0 means 8
	Grid          imaging.Grid // how they are laid out; a Range of zero means -1 to 1, and Columns is that above

	// Given are conditions to show, (N, …), such as encoded texts. They are needed unless the condition is a Class.
	Given  *tensor.Tensor
	Labels []string // names of the classes, or of what is Given; nil means numbers
}

// Samples shows samples of random latents, under conditions in turn if the game has them.
func (g Gallery) Samples(v *train.View) (image.Image, error) {
	g = g.withDefaults()
	n := g.Rows * g.Columns
	y, err := g.conditions(n, func(i int) int { return i })
	if err != nil {
		return nil, err
	}
	return g.sheet(Draw(g.generator(v), g.Game.Latent.Draw(n, v.Rand), y)), nil
}

// Table shows one condition in each row and one latent in each column.
func (g Gallery) Table(v *train.View) (image.Image, error) {
	if g.Game.Condition == nil {
		return nil, errors.New("gan: a table needs a game with a condition")
	}
	if k, ok := g.Game.Condition.(Class); ok && g.Rows == 0 {
		g.Rows = int(k)
	} else if g.Given != nil && g.Rows == 0 {
		g.Rows = g.Given.Dim(0)
	}
	g = g.withDefaults()
	n := g.Rows * g.Columns
	y, err := g.conditions(n, func(i int) int { return i / g.Columns })
	if err != nil {
		return nil, err
	}
	latents := g.Game.Latent.Draw(g.Columns, v.Rand)
	column := make([]int, n)
	for i := range column {
		column[i] = i % g.Columns
	}
	if g.Grid.RowLabels == nil {
		for i := range g.Rows {
			g.Grid.RowLabels = append(g.Grid.RowLabels, g.label(i))
		}
	}
	return g.sheet(Draw(g.generator(v), tensor.Gather(latents, column), y)), nil
}

// Walks shows in each row a way from one latent to another, in a straight line or, between vectors that are normally
// distributed, on a great circle. Each row has one condition, if the game has them.
func (g Gallery) Walks(v *train.View) (image.Image, error) {
	g = g.withDefaults()
	if g.Columns < 2 {
		return nil, errors.New("gan: a walk needs at least 2 columns")
	}
	y, err := g.conditions(g.Rows*g.Columns, func(i int) int { return i / g.Columns })
	if err != nil {
		return nil, err
	}
	way := Lerp
	if _, ok := g.Game.Latent.(normal); ok {
		way = Slerp
	}
	ends := g.Game.Latent.Draw(2*g.Rows, v.Rand)
	at := func(i int) *tensor.Tensor { return ends.Rows(i, i+1).Reshape(ends.Shape()[1:]...) }
	var walks []*tensor.Tensor
	for i := range g.Rows {
		walks = append(walks, way(at(2*i), at(2*i+1), g.Columns))
	}
	return g.sheet(Draw(g.generator(v), tensor.Concat(0, walks...), y)), nil
}

func (g Gallery) withDefaults() Gallery {
	if g.Rows == 0 {
		g.Rows = 8
	}
	if g.Columns == 0 {
		g.Columns = 8
	}
	if g.Grid.Range == [2]float32{} {
		g.Grid.Range = [2]float32{-1, 1}
	}
	return g
}

// generator is the average of the generator if there is one.
func (g Gallery) generator(v *train.View) any { return train.Average(v, g.Game.Generator) }

// conditions returns n conditions: of picture i number which(i), in turn.
func (g Gallery) conditions(n int, which func(i int) int) (*tensor.Tensor, error) {
	if g.Game.Condition == nil {
		return nil, nil
	}
	given := g.Given
	if k, ok := g.Game.Condition.(Class); ok && given == nil {
		all := make([]int, int(k))
		for i := range all {
			all[i] = i
		}
		given = k.Encode(all...)
	}
	if given == nil {
		return nil, errors.New("gan: what is not conditioned on classes needs Gallery.Given to show samples")
	}
	index := make([]int, n)
	for i := range index {
		index[i] = which(i) % given.Dim(0)
	}
	return tensor.Gather(given, index), nil
}

func (g Gallery) label(i int) string {
	if i < len(g.Labels) {
		return g.Labels[i]
	}
	return strconv.Itoa(i)
}

func (g Gallery) sheet(x *tensor.Tensor) image.Image {
	g.Grid.Columns = g.Columns
	return g.Grid.Compose(x).ToImage()
}
