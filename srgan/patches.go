package srgan

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Pair is a batch of low-resolution patches and the originals they were made from.
type Pair struct {
	LR *tensor.Tensor // (N,h,w,3) with values in [0,1]
	HR *tensor.Tensor // (N,s·h,s·w,3) with values in [-1,1]
}

// PatchOptions are the choices of [NewPatches]. The zero value is the paper's (Ledig et al. 2017, §3.2), augmented by
// turning and mirroring.
type PatchOptions struct {
	Scale     int  // 0 means 4
	Size      int  // height and width of the high-resolution patches, a multiple of Scale; 0 means 96
	Batch     int  // patches in a batch; 0 means 16
	NoAugment bool // do not turn and mirror patches

	// Shrink lists factors below 1. Each photo is also used at these sizes: shrinking takes away blur and the traces of
	// compression, and a small set of photos gains detail to learn from.
	Shrink []float64

	// Vivid, if not 0, uses each photo also with its saturation multiplied by so much, such as 2: few photographs show the
	// pure colours that a network must not be surprised by.
	Vivid float64

	// SwapColours exchanges the red, green and blue of each patch at random.
	SwapColours bool

	// Choices is how many places are looked at for each patch; the one with the most detail is taken. 0 means 1. Much of a
	// photograph is sky or blur, of which there is nothing to learn.
	Choices int
}

// Patches draws training patches from photographs, which it keeps in memory at 8 bits. It is a data source for package
// train: a batch is a function of the random numbers given alone.
type Patches struct {
	opts   PatchOptions
	photos []photo

	mu    sync.Mutex
	spare []Pair // memory of batches that are done with
}

// photo is an original and its low-resolution version, as bytes.
type photo struct{ lr, hr plane }

// plane is an 8-bit RGB image.
type plane struct {
	h, w int
	pix  []uint8
}

// NewPatches prepares photographs (H,W,3) with values in [0,1]. Those smaller than a patch are left out; it is an error if
// that leaves none.
func NewPatches(photos []*tensor.Tensor, opts PatchOptions) (*Patches, error) {
	if opts.Scale == 0 {
		opts.Scale = 4
	}
	if opts.Size == 0 {
		opts.Size = 96
	}
	if opts.Batch == 0 {
		opts.Batch = 16
	}
	if opts.Size%opts.Scale != 0 || opts.Size < 0 || opts.Batch < 0 {
		panic(fmt.Sprintf("srgan.NewPatches: want a patch size that is a multiple of the scale, got size %d, scale %d, batch %d",
			opts.Size, opts.Scale, opts.Batch))
	}
	p := &Patches{opts: opts}
	for _, x := range photos {
		if x.Rank() != 3 || x.Dim(2) != 3 {
			panic("srgan.NewPatches: want photos (H,W,3), got " + tensor.Format(x.Shape()))
		}
		h, w := x.Dim(0), x.Dim(1)
		image := x.Reshape(1, h, w, 3)
		p.addSizes(image)
		if opts.Vivid != 0 {
			p.addSizes(vivid(image, float32(opts.Vivid)))
		}
	}
	if len(p.photos) == 0 {
		return nil, fmt.Errorf("srgan: none of the %d photos has %d×%d pixels, which a patch needs", len(photos), opts.Size, opts.Size)
	}
	return p, nil
}

// addSizes adds an image and its smaller versions.
func (p *Patches) addSizes(image *tensor.Tensor) {
	p.add(image)
	for _, f := range p.opts.Shrink {
		if f <= 0 || f >= 1 {
			panic(fmt.Sprintf("srgan.NewPatches: want factors between 0 and 1 to shrink by, got %g", f))
		}
		if h, w := int(float64(image.Dim(1))*f), int(float64(image.Dim(2))*f); min(h, w) >= p.opts.Size {
			p.add(tensor.Resize(image, h, w, tensor.Bicubic))
		}
	}
}

// vivid multiplies the distances of the colours of x (1,H,W,3) from grey by gain, within [0,1].
func vivid(x *tensor.Tensor, gain float32) *tensor.Tensor {
	grey := tensor.Mean(x, 3).Reshape(1, x.Dim(1), x.Dim(2), 1)
	y := tensor.Add(tensor.Affine(tensor.Sub(x, grey), gain, 0), grey)
	return tensor.Clamp(y, 0, 1)
}

func (p *Patches) add(image *tensor.Tensor) {
	if image.Dim(1) < p.opts.Size || image.Dim(2) < p.opts.Size {
		return
	}
	lr, hr := LowRes(image, p.opts.Scale)
	p.photos = append(p.photos, photo{toPlane(lr), toPlane(hr)})
}

// Len returns how many images patches are drawn from.
func (p *Patches) Len() int { return len(p.photos) }

// Batch draws a batch: each patch from another photo as long as there are enough.
func (p *Patches) Batch(_ int, rng *rand.Rand) (Pair, error) {
	n, s := p.opts.Batch, p.opts.Scale
	size := p.opts.Size / s
	b := p.memory(n, size, size*s)
	order := rng.Perm(len(p.photos))
	for i := range n {
		if i > 0 && i%len(order) == 0 {
			order = rng.Perm(len(p.photos))
		}
		ph := p.photos[order[i%len(order)]]
		y, x := ph.place(size, max(p.opts.Choices, 1), rng)
		turn := 0
		if !p.opts.NoAugment {
			turn = rng.IntN(8)
		}
		colours := [3]int{0, 1, 2}
		if p.opts.SwapColours {
			rng.Shuffle(3, func(i, j int) { colours[i], colours[j] = colours[j], colours[i] })
		}
		ph.lr.crop(b.LR.Rows(i, i+1).Data(), y, x, size, turn, colours, 1, 0)
		ph.hr.crop(b.HR.Rows(i, i+1).Data(), y*s, x*s, size*s, turn, colours, 2, -1)
	}
	return b, nil
}

// place returns the corner of the most detailed of several random squares of the low-resolution image.
func (ph photo) place(size, choices int, rng *rand.Rand) (y, x int) {
	best := -1
	for range choices {
		i, j := rng.IntN(ph.lr.h-size+1), rng.IntN(ph.lr.w-size+1)
		if choices == 1 {
			return i, j
		}
		if d := ph.lr.detail(i, j, size); d > best {
			y, x, best = i, j, d
		}
	}
	return y, x
}

// detail returns the sum of the differences between neighbours in the green channel of a square.
func (p plane) detail(y, x, size int) int {
	sum := 0
	at := func(i, j int) int { return int(p.pix[((y+i)*p.w+x+j)*3+1]) }
	for i := range size - 1 {
		for j := range size - 1 {
			v := at(i, j)
			sum += max(v-at(i, j+1), at(i, j+1)-v) + max(v-at(i+1, j), at(i+1, j)-v)
		}
	}
	return sum
}

// memory returns a batch of undefined values.
func (p *Patches) memory(n, lr, hr int) Pair {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.spare) - 1; last >= 0 {
		b := p.spare[last]
		p.spare = p.spare[:last]
		return b
	}
	return Pair{LR: tensor.New(n, lr, lr, 3), HR: tensor.New(n, hr, hr, 3)}
}

// Recycle takes the memory of a batch back for the next one. The batch must not be used afterwards.
func (p *Patches) Recycle(b Pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spare = append(p.spare, b)
}

// Shard returns part i of k of the batch, or an error if it cannot be cut into equal parts.
func (b Pair) Shard(i, k int) (Pair, error) {
	lo, hi, err := data.ShardRange(b.LR.Dim(0), i, k)
	if err != nil {
		return Pair{}, err
	}
	return Pair{LR: b.LR.Rows(lo, hi), HR: b.HR.Rows(lo, hi)}, nil
}

// crop writes a square as floats, scale·v + shift for v in [0,1]. turn is one of the eight ways to put a square down: bit 0
// mirrors it left to right, bit 1 top to bottom, bit 2 swaps rows and columns. Channel c of the result is channel colours[c].
func (p plane) crop(dst []float32, y, x, size, turn int, colours [3]int, scale, shift float32) {
	for i := range size {
		for j := range size {
			si, sj := i, j
			if turn&4 != 0 {
				si, sj = sj, si
			}
			if turn&2 != 0 {
				si = size - 1 - si
			}
			if turn&1 != 0 {
				sj = size - 1 - sj
			}
			from := ((y+si)*p.w + x + sj) * 3
			for c, k := range colours {
				dst[(i*size+j)*3+c] = float32(p.pix[from+k])/255*scale + shift
			}
		}
	}
}

// toPlane rounds x (1,H,W,3) with values in [0,1] to 8 bits.
func toPlane(x *tensor.Tensor) plane {
	p := plane{h: x.Dim(1), w: x.Dim(2), pix: make([]uint8, x.Len())}
	for i, v := range x.Data() {
		p.pix[i] = uint8(min(max(v, 0), 1)*255 + 0.5)
	}
	return p
}
