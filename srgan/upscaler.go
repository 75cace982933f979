package srgan

import (
	"context"
	"fmt"
	"image"
	"sync"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// defaultMemory is the working memory of an upscaler that says nothing about it.
const defaultMemory = 1 << 30

// Upscaler enlarges images with a generator, in pieces that fit into a given memory. The result does not depend, to the
// last bit, on how it was cut. An Upscaler may be used by several goroutines at the same time; its fields must not be
// changed meanwhile.
type Upscaler struct {
	// Memory is how many bytes feature maps may take, besides the image and its enlargement; 0 means 1 GiB. Only when
	// even the narrowest strip takes more is more used.
	Memory int64
	// Tile is the width of the strips that an image is cut into, in pixels of the input, rounded up to a multiple of 4;
	// 0 means as wide as Memory allows.
	Tile int
	// Ensemble enlarges the image turned and mirrored in all eight ways, puts the results back and takes their mean. It takes
	// eight times as long, three whole results in memory, and gains a tenth of a decibel or two (Lim et al. 2017, §3.3).
	Ensemble bool
	// Half returns the result at half its size, by antialiased bicubic interpolation: a network that enlarges by 4 then enlarges
	// by 2. It is for even scales.
	Half bool
	// Progress, when set, is called after each piece with how much of the image is done, from 0 to 1.
	Progress func(done float64)

	gen     Generator
	scale   int
	halo    int              // of strips and tiles
	weights []*streamWeights // of an SRResNet that is streamed

	mu     sync.Mutex
	arenas []*tensor.Arena // memory for feature maps that nobody uses now
}

// NewUpscaler returns an upscaler for a network of this package, which must not be trained meanwhile. For others it is
// [NewCustomUpscaler].
func NewUpscaler(g Network) *Upscaler {
	scale, halo := g.tiling()
	u := &Upscaler{gen: g, scale: scale, halo: (halo + grain - 1) / grain * grain}
	if r, ok := g.(*SRResNet); ok && streams(r) {
		u.weights = packWeights(r)
	}
	return u
}

// NewCustomUpscaler returns an upscaler for any generator that enlarges by scale.
//
// halo is how many pixels of the input, at most, lie between an output pixel and the input that it depends on: the sum
// over its convolutions of half their kernel, each rounded up to a multiple of 4 because fast convolutions compute squares
// of 4×4 together, and each divided by how much the image has grown by then. The image is cut into tiles that overlap by
// so much. For an SRResNet, which knows its own, it is [NewUpscaler].
func NewCustomUpscaler(g Generator, scale, halo int) *Upscaler {
	if scale < 1 || halo < 0 {
		panic(fmt.Sprintf("srgan.NewCustomUpscaler: want a scale of at least 1 and a halo of at least 0, got %d and %d", scale, halo))
	}
	if n, ok := g.(Network); ok {
		return NewUpscaler(n)
	}
	return &Upscaler{gen: g, scale: scale, halo: (halo + grain - 1) / grain * grain}
}

// Scale returns how much larger the result is in each direction. It panics if it is odd and Half is set.
func (u *Upscaler) Scale() int {
	if !u.Half {
		return u.scale
	}
	if u.scale%2 != 0 {
		panic(fmt.Sprintf("srgan.Upscaler: Half of a network that enlarges by %d", u.scale))
	}
	return u.scale / 2
}

// Generator returns the network.
func (u *Upscaler) Generator() Generator { return u.gen }

// Enlarge returns img, Scale times as large in each direction, as [Upscaler.EnlargeImage] does.
func (u *Upscaler) Enlarge(ctx context.Context, img image.Image) (image.Image, error) {
	if img.Bounds().Empty() {
		return nil, fmt.Errorf("srgan: the image is empty")
	}
	out, err := u.EnlargeImage(ctx, imaging.FromImage(img))
	if err != nil {
		return nil, err
	}
	return out.ToImage(), nil
}

// EnlargeImage returns m, Scale times as large in each direction. Grey images stay grey, and depth and colour profile are
// kept. Alpha is enlarged by bicubic interpolation; colour under full transparency is first replaced by that of the nearest
// visible parts, so that no fringe of it appears. The error is the context's, when that is cancelled.
func (u *Upscaler) EnlargeImage(ctx context.Context, m *imaging.Image) (*imaging.Image, error) {
	rgb := m.RGB()
	if m.Alpha != nil {
		rgb = bleed(rgb, m.Alpha)
	}
	h, w := m.Height()*u.Scale(), m.Width()*u.Scale()
	big, err := u.Tensor(ctx, rgb)
	if err != nil {
		return nil, err
	}
	out := &imaging.Image{Pixels: big, Depth: m.Depth, ICC: m.ICC}
	if m.Channels() == 1 {
		out.Pixels = tensor.Mean(big, 2).Reshape(h, w, 1)
	}
	if m.Alpha != nil {
		out.Alpha = tensor.Resize(m.Alpha.Reshape(1, m.Height(), m.Width(), 1), h, w, tensor.Bicubic).Reshape(h, w, 1)
		tensor.ClampInto(out.Alpha, out.Alpha, 0, 1)
	}
	return out, nil
}

// Tensor enlarges rgb (H,W,3) with values in [0,1] to (s·H,s·W,3), limited to [0,1], where s is the Scale.
func (u *Upscaler) Tensor(ctx context.Context, rgb *tensor.Tensor) (*tensor.Tensor, error) {
	u.Scale()
	if u.Ensemble {
		out, err := u.ensemble(ctx, rgb)
		if err != nil || !u.Half {
			return out, err
		}
		return halved(out), nil
	}
	if g := u.streamed(); u.Half && g != nil {
		return collect(rgb, u.Scale(), func(emit blockFunc) error { return u.halves(ctx, g, rgb, emit) })
	}
	out, err := u.single(ctx, rgb, u.Progress)
	if err != nil || !u.Half {
		return out, err
	}
	return halved(out), nil
}

// single enlarges the image once, by the network's own scale.
func (u *Upscaler) single(ctx context.Context, rgb *tensor.Tensor, progress func(float64)) (*tensor.Tensor, error) {
	return collect(rgb, u.scale, func(emit blockFunc) error { return u.blocks(ctx, rgb, progress, emit) })
}

// blockFunc takes a part (1,h,w,3) of a result, which belongs at row y and column x.
type blockFunc func(y, x int, block *tensor.Tensor) error

// collect puts the blocks of an enlargement of rgb (H,W,3) together.
func collect(rgb *tensor.Tensor, scale int, produce func(emit blockFunc) error) (*tensor.Tensor, error) {
	var out *tensor.Tensor
	err := produce(func(y, x int, block *tensor.Tensor) error {
		if out == nil {
			out = tensor.New(rgb.Dim(0)*scale, rgb.Dim(1)*scale, 3)
		}
		rows := block.Reshape(block.Dim(1), -1)
		for i := range rows.Dim(0) {
			copy(out.Rows(y+i, y+i+1).Data()[3*x:], rows.Rows(i, i+1).Data())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Blocks enlarges rgb (H,W,3) with values in [0,1] and hands the result over in pieces: block (1,h,w,3), with values limited
// to [0,1], belongs at row y and column x. Blocks do not overlap and cover the result; a block is valid during the call. An
// error of emit ends the work and is returned. With Ensemble there is one block, the whole, and with Half for networks that are
// worked on in tiles.
func (u *Upscaler) Blocks(ctx context.Context, rgb *tensor.Tensor, emit func(y, x int, block *tensor.Tensor) error) error {
	g := u.streamed()
	switch {
	case u.Ensemble || u.Half && g == nil:
		out, err := u.Tensor(ctx, rgb)
		if err != nil {
			return err
		}
		return emit(0, 0, out.Reshape(1, out.Dim(0), out.Dim(1), 3))
	case u.Half:
		return u.halves(ctx, g, rgb, emit)
	}
	return u.blocks(ctx, rgb, u.Progress, emit)
}

func (u *Upscaler) blocks(ctx context.Context, rgb *tensor.Tensor, progress func(float64), emit blockFunc) error {
	count := u.counted(rgb, progress)
	if g := u.streamed(); g != nil {
		return u.strips(ctx, g, rgb, 0, func(s strip, y int, rows *tensor.Tensor) error {
			if err := emit(y, s.x0*u.scale, unitRange(rows)); err != nil {
				return err
			}
			count(rows.Dim(1) * rows.Dim(2))
			return nil
		})
	}
	return u.tiles(ctx, rgb, func(y, x int, block *tensor.Tensor) error {
		if err := emit(y, x, unitRange(block)); err != nil {
			return err
		}
		count(block.Dim(1) * block.Dim(2))
		return nil
	})
}

// halves hands over the result at half its size, strip by strip. Strips are computed a little wider than they are handed over,
// so that the filter finds what it reads.
func (u *Upscaler) halves(ctx context.Context, g *SRResNet, rgb *tensor.Tensor, emit blockFunc) error {
	u.Scale() // panics for an odd one
	count := u.counted(rgb, u.Progress)
	var half halver
	return u.strips(ctx, g, rgb, grain, func(s strip, y int, rows *tensor.Tensor) error {
		if y == 0 {
			at := 0
			half = halver{height: rgb.Dim(0) * u.scale, emit: func(rows *tensor.Tensor) error {
				inner := tensor.Slice(rows, 1, (s.x0-s.lo)*u.scale/2, (s.x1-s.lo)*u.scale/2)
				at += rows.Dim(0)
				return emit(at-rows.Dim(0), s.x0*u.scale/2, inner.Reshape(1, inner.Dim(0), inner.Dim(1), 3))
			}}
		}
		if err := half.add(unitRange(rows).Reshape(rows.Dim(1), rows.Dim(2), 3)); err != nil {
			return err
		}
		count(rows.Dim(1) * (s.x1 - s.x0) * u.scale)
		return nil
	})
}

// counted returns a function that counts the pixels that are done and reports them to progress, which may be nil.
func (u *Upscaler) counted(rgb *tensor.Tensor, progress func(float64)) func(pixels int) {
	if rgb.Rank() != 3 || rgb.Dim(2) != 3 || rgb.Len() == 0 {
		panic("srgan.Upscaler.Blocks: want pixels (H,W,3), got " + tensor.Format(rgb.Shape()))
	}
	done, total := 0, rgb.Dim(0)*rgb.Dim(1)*u.scale*u.scale
	return func(pixels int) {
		if done += pixels; progress != nil {
			progress(float64(done) / float64(total))
		}
	}
}

// unitRange maps what a network returns, about [-1,1], to [0,1].
func unitRange(x *tensor.Tensor) *tensor.Tensor {
	y := tensor.Affine(x, 0.5, 0.5)
	tensor.ClampInto(y, y, 0, 1)
	return y
}

// streamed returns the network if it is computed as a stream, and nil if it is cut into tiles.
func (u *Upscaler) streamed() *SRResNet {
	if u.weights == nil {
		return nil
	}
	return u.gen.(*SRResNet)
}

// strip is some columns of the input: x0 to x1 are its own, and lo to hi those that are handed over for them.
type strip struct{ x0, x1, lo, hi int }

// strips cuts the image into columns and streams each from top to bottom. The rows of a strip are handed over with as many as
// more columns of the input on both sides, where there are so many.
func (u *Upscaler) strips(ctx context.Context, g *SRResNet, rgb *tensor.Tensor, more int, emit func(s strip, y int, rows *tensor.Tensor) error) error {
	h, w := rgb.Dim(0), rgb.Dim(1)
	halo := streamHalo(g) + more
	tile, band := u.fit(g, h, w, halo)
	arena := u.borrow()
	defer u.giveBack(arena)
	for x0 := 0; x0 < w; x0 += tile {
		x1 := min(x0+tile, w)
		s := strip{x0, x1, max(0, x0-more), min(w, x1+more)}
		lo, hi := max(0, x0-halo), min(w, x1+halo)
		part := rgb.Reshape(1, h, w, 3)
		if hi-lo < w {
			part = tensor.Slice(part, 2, lo, hi)
		}
		y := 0
		var failed error
		ctx, cancel := context.WithCancelCause(ctx)
		arena.Reset()
		err := newStream(g, u.weights, arena, h, hi-lo, band).run(ctx, part, func(rows *tensor.Tensor) {
			if failed != nil {
				return
			}
			if failed = emit(s, y, tensor.Slice(rows, 2, (s.lo-lo)*u.scale, (s.hi-lo)*u.scale)); failed != nil {
				cancel(failed)
			}
			y += rows.Dim(1)
		})
		cancel(nil)
		if failed != nil {
			return failed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// borrow returns memory that is kept from one image to the next.
func (u *Upscaler) borrow() *tensor.Arena {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := len(u.arenas) - 1
	if last < 0 {
		return new(tensor.Arena)
	}
	a := u.arenas[last]
	u.arenas = u.arenas[:last]
	return a
}

func (u *Upscaler) giveBack(a *tensor.Arena) {
	a.Reset()
	if a.Bytes() > u.budget() {
		return // images of many sizes have left many blocks
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.arenas = append(u.arenas, a)
}

func (u *Upscaler) budget() int64 {
	if u.Memory > 0 {
		return u.Memory
	}
	return defaultMemory
}

// bandPixels is how many input pixels a band has that is large enough to keep all cores busy and small enough to stay in
// their cache.
const bandPixels = 4096

// fit chooses the width of strips and the height of bands.
func (u *Upscaler) fit(g *SRResNet, h, w, halo int) (tile, band int) {
	budget := u.budget()
	bandFor := func(width int) int { return max(grain, min(64, bandPixels/width/grain*grain)) }
	if u.Tile > 0 {
		tile = min((u.Tile+grain-1)/grain*grain, w)
		return tile, bandFor(tile)
	}
	for n := 1; ; n += 1 + n/8 {
		tile = min(w, ((w+n-1)/n+grain-1)/grain*grain)
		width := min(w, tile+2*halo)
		band = bandFor(width)
		if streamBytes(g, h, width, band) <= budget || tile <= grain {
			return tile, band
		}
	}
}

// tiles cuts the image into squares that overlap by the halo.
func (u *Upscaler) tiles(ctx context.Context, rgb *tensor.Tensor, emit func(y, x int, block *tensor.Tensor) error) error {
	h, w := rgb.Dim(0), rgb.Dim(1)
	tile := (u.Tile + grain - 1) / grain * grain
	if tile == 0 {
		tile = max(h, w)
		budget := u.budget()
		// The network is unknown: 64 maps at the output size, three of them alive, is what the paper's takes.
		perPixel := int64(3 * 64 * 4 * u.scale * u.scale)
		for tile > 2*grain && int64(min(tile+2*u.halo, h))*int64(min(tile+2*u.halo, w))*perPixel > budget {
			tile = (tile/2 + grain - 1) / grain * grain
		}
	}
	image := rgb.Reshape(1, h, w, 3)
	for y0 := 0; y0 < h; y0 += tile {
		for x0 := 0; x0 < w; x0 += tile {
			if err := ctx.Err(); err != nil {
				return err
			}
			y1, x1 := min(y0+tile, h), min(x0+tile, w)
			top, left := max(0, y0-u.halo), max(0, x0-u.halo)
			part := tensor.Slice(tensor.Slice(image, 1, top, min(h, y1+u.halo)), 2, left, min(w, x1+u.halo))
			out := u.gen.Forward(autograd.Const(part), nil).Value()
			if out.Rank() != 4 || out.Dim(1) != part.Dim(1)*u.scale || out.Dim(2) != part.Dim(2)*u.scale || out.Dim(3) != 3 {
				panic(fmt.Sprintf("srgan.Upscaler: the generator made %s of %s, want %d times the size and 3 channels",
					tensor.Format(out.Shape()), tensor.Format(part.Shape()), u.scale))
			}
			inner := tensor.Slice(tensor.Slice(out, 1, (y0-top)*u.scale, (y1-top)*u.scale), 2, (x0-left)*u.scale, (x1-left)*u.scale)
			if err := emit(y0*u.scale, x0*u.scale, inner); err != nil {
				return err
			}
		}
	}
	return nil
}
