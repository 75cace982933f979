package data

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gander-ml/gander/tensor"
)

// Patches is a source of square pieces from random places in pictures: batches (Size of batch, side, side, C).
type Patches struct {
	pictures []*tensor.Tensor
	side, n  int
	turn     bool

	mu    sync.Mutex
	spare []*tensor.Tensor // memory of batches that are done with
}

// PatchOptions are the choices of [NewPatches].
type PatchOptions struct {
	Side  int  // of a patch, in pixels; 0 means 96
	Batch int  // patches in a batch; 0 means 16
	Plain bool // leave patches as they lie instead of turning and mirroring them at random
}

// NewPatches makes a source of pictures (H, W, C), all with the same channels. Those smaller than a patch are left out;
// it is an error if that leaves none.
func NewPatches(pictures []*tensor.Tensor, o PatchOptions) (*Patches, error) {
	p := &Patches{side: o.Side, n: o.Batch, turn: !o.Plain}
	if p.side == 0 {
		p.side = 96
	}
	if p.n == 0 {
		p.n = 16
	}
	if p.side < 0 || p.n < 0 {
		panic(fmt.Sprintf("data.NewPatches: batches of %d patches of %d pixels", p.n, p.side))
	}
	for _, x := range pictures {
		wantRank("data.NewPatches", x)
		if x.Dim(2) != pictures[0].Dim(2) {
			return nil, fmt.Errorf("data: patches of pictures with %d and with %d channels", pictures[0].Dim(2), x.Dim(2))
		}
		if x.Dim(0) >= p.side && x.Dim(1) >= p.side {
			p.pictures = append(p.pictures, x)
		}
	}
	if len(p.pictures) == 0 {
		return nil, fmt.Errorf("data: none of %d pictures has the %d×%d pixels of a patch", len(pictures), p.side, p.side)
	}
	return p, nil
}

// Batch implements [Source]. Each patch is from another picture as long as there are enough.
func (p *Patches) Batch(_ int, rng *rand.Rand) (*tensor.Tensor, error) {
	out := p.memory()
	order := rng.Perm(len(p.pictures))
	crop := RandomCrop(p.side, p.side)
	for i := range p.n {
		if i > 0 && i%len(order) == 0 {
			order = rng.Perm(len(p.pictures))
		}
		x := crop(p.pictures[order[i%len(order)]], rng)
		if p.turn {
			x = RandomTurn(x, rng)
		}
		out.Rows(i, i+1).Reshape(x.Shape()...).CopyFrom(x)
	}
	return out, nil
}

// Recycle implements [Recycler].
func (p *Patches) Recycle(b *tensor.Tensor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spare = append(p.spare, b)
}

func (p *Patches) memory() *tensor.Tensor {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.spare) - 1; last >= 0 {
		b := p.spare[last]
		p.spare = p.spare[:last]
		return b
	}
	return tensor.New(p.n, p.side, p.side, p.pictures[0].Dim(2))
}
