package txt2img

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// Captioned is pictures with embedded captions, to train a [Game]. Images and Texts must be given; the zero value of
// everything else is what the paper does for birds and flowers: batches of 64 pairs of pictures of two different classes,
// drawn uniformly, each a random piece of 64×64 pixels, mirrored or not, with the mean of four of its captions. §5 and the
// released code.
type Captioned struct {
	Images *labelled.Images // of three channels, Size pixels a side or more; see [Uncropped]
	Texts  []*tensor.Tensor // of each picture, (K,E) for K captions; see [Embed]

	Size  int // of the pieces; 0 means 64
	Batch int // pairs in a batch; 0 means 64

	// Average is how many captions of a picture are averaged, drawn with replacement, or without if Distinct is set: then all
	// of a picture that has no more. 0 means 4; the code for MS-COCO takes 3 distinct ones.
	Average  int
	Distinct bool

	// Others makes a pair of any two pictures, drawn uniformly, whatever their classes, as for MS-COCO: for sets without
	// classes, or with classes so broad that a caption of one picture does not fit another of its class.
	Others bool

	NoFlip bool // no mirroring, for pictures where left and right matter
}

// Uncropped returns the side at which pictures for pieces of a size are loaded, 76 for 64: the random piece leaves out a
// fraction of every side.
func Uncropped(size int) int { return size * 76 / 64 }

func (c Captioned) withDefaults() Captioned {
	c.Size, c.Batch, c.Average = either(c.Size, 64), either(c.Batch, 64), either(c.Average, 4)
	return c
}

// Check returns an error unless batches can be made.
func (c Captioned) Check() error {
	c = c.withDefaults()
	if c.Images == nil {
		return fmt.Errorf("txt2img: captions without Images")
	}
	if err := c.Images.Check(); err != nil {
		return fmt.Errorf("txt2img: %w", err)
	}
	m := c.Images
	switch {
	case m.Channels != 3:
		return fmt.Errorf("txt2img: pictures of %d channels; want 3", m.Channels)
	case c.Size < 1 || m.Height < c.Size || m.Width < c.Size:
		return fmt.Errorf("txt2img: no pieces of %d×%d pixels in pictures of %d×%d", c.Size, c.Size, m.Width, m.Height)
	case c.Batch < 1 || c.Average < 1:
		return fmt.Errorf("txt2img: batches of %d pictures with the mean of %d captions", c.Batch, c.Average)
	case len(c.Texts) != m.Len():
		return fmt.Errorf("txt2img: %d pictures and captions of %d", m.Len(), len(c.Texts))
	case m.Len() < 2:
		return fmt.Errorf("txt2img: %d pictures; want two or more", m.Len())
	}
	for i, t := range c.Texts {
		if t == nil || t.Rank() != 2 || t.Dim(0) < 1 || t.Dim(1) != c.Texts[0].Dim(1) {
			shape := "none"
			if t != nil {
				shape = tensor.Format(t.Shape())
			}
			return fmt.Errorf("txt2img: captions of picture %d: want embeddings (K,E) as those of picture 0, got %s", i, shape)
		}
	}
	if n := len(c.classes()); !c.Others && n < 2 {
		return fmt.Errorf("txt2img: pictures of %d classes; want two or more for pairs of different classes, or set Others", n)
	}
	return nil
}

// Batches returns how many batches an epoch has: as many as the pictures fill, and at least one.
func (c Captioned) Batches() int {
	c = c.withDefaults()
	return max(1, c.Images.Len()/c.Batch)
}

// Source returns a source of batches, which uses the memory of recycled ones again. It is an error if [Captioned.Check]
// finds one.
func (c Captioned) Source() (data.Source[Batch], error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	return &captioned{Captioned: c, members: c.classes()}, nil
}

// classes returns the pictures of each class that has any.
func (c Captioned) classes() [][]int {
	all := make([][]int, len(c.Images.Classes))
	for i, l := range c.Images.Labels {
		all[l] = append(all[l], i)
	}
	var out [][]int
	for _, of := range all {
		if len(of) > 0 {
			out = append(out, of)
		}
	}
	return out
}

// captioned is the source that a [Captioned] makes.
type captioned struct {
	Captioned
	members [][]int // of each class

	mu    sync.Mutex
	spare []Batch
}

// Batch implements [data.Source].
func (c *captioned) Batch(_ int, rng *rand.Rand) (Batch, error) {
	b := c.memory()
	for i := range c.Captioned.Batch {
		right, wrong := c.pair(rng)
		for _, side := range []struct {
			picture   int
			into, has *tensor.Tensor
		}{{right, b.Right, b.Text}, {wrong, b.Wrong, b.WrongText}} {
			c.piece(side.into.Rows(i, i+1).Data(), side.picture, rng)
			c.caption(side.has.Rows(i, i+1), side.picture, rng)
		}
	}
	return b, nil
}

// pair draws two pictures that do not belong together.
func (c *captioned) pair(rng *rand.Rand) (right, wrong int) {
	if c.Others {
		return two(c.Images.Len(), rng)
	}
	k, l := two(len(c.members), rng)
	return c.members[k][rng.IntN(len(c.members[k]))], c.members[l][rng.IntN(len(c.members[l]))]
}

// two draws two different numbers below n.
func two(n int, rng *rand.Rand) (int, int) {
	a, b := rng.IntN(n), rng.IntN(n-1)
	if b >= a {
		b++
	}
	return a, b
}

// piece writes a random piece of a picture, with values in [-1,1].
func (c *captioned) piece(dst []float32, picture int, rng *rand.Rand) {
	m, n := c.Images, c.Size
	top, left := rng.IntN(m.Height-n+1), rng.IntN(m.Width-n+1)
	flip := !c.NoFlip && rng.IntN(2) == 1
	for y := range n {
		row := m.Pixels[((picture*m.Height+top+y)*m.Width+left)*3:][:n*3]
		for x := range n {
			to := x
			if flip {
				to = n - 1 - x
			}
			for k := range 3 {
				dst[(y*n+to)*3+k] = float32(row[x*3+k])/127.5 - 1
			}
		}
	}
}

// caption writes the mean of some captions of a picture.
func (c *captioned) caption(dst *tensor.Tensor, picture int, rng *rand.Rand) {
	of := c.Texts[picture]
	k := c.Average
	var order []int
	if c.Distinct {
		k = min(k, of.Dim(0))
		order = rng.Perm(of.Dim(0))
	}
	dst.Fill(0)
	for i := range k {
		j := 0
		if c.Distinct {
			j = order[i]
		} else {
			j = rng.IntN(of.Dim(0))
		}
		tensor.AddScaledInto(dst, of.Rows(j, j+1), 1/float32(k))
	}
}

// Recycle implements [data.Recycler].
func (c *captioned) Recycle(b Batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spare = append(c.spare, b)
}

func (c *captioned) memory() Batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := len(c.spare) - 1; last >= 0 {
		b := c.spare[last]
		c.spare = c.spare[:last]
		return b
	}
	n, side, width := c.Captioned.Batch, c.Size, c.Texts[0].Dim(1)
	return Batch{
		Right: tensor.New(n, side, side, 3), Wrong: tensor.New(n, side, side, 3),
		Text: tensor.New(n, width), WrongText: tensor.New(n, width),
	}
}
