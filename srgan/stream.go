package srgan

import (
	"context"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// grain is the unit in which feature maps are cut, in rows and in columns. A fast convolution computes squares of up to
// 4×4 outputs together, so the bits of a result depend on where it lies in its square; cuts at multiples of 4 keep that
// place, and with it the bits.
const grain = 4

// stream computes an SRResNet a few rows at a time and every row once: each feature map keeps only the rows that later
// layers still need. Its memory does not grow with the height of an image, and what it computes stays in cache.
// It holds batch normalisation folded into the weights.
type stream struct {
	scale int
	band  int // rows of the input that are fed at a time
	in    *rolling
	out   *rolling
	ops   []*streamConv
	maps  []*rolling
}

// streams reports whether g can be computed as a stream; otherwise it is cut into tiles.
func streams(g *SRResNet) bool { return !g.Options.Reflect && g.Options.Upsampler != Deconv }

// newStream prepares for strips of the given size that are fed in bands of so many rows, a multiple of grain, with the weights
// of g and memory lent by arena.
func newStream(g *SRResNet, weights []*streamWeights, arena *tensor.Arena, height, width, band int) *stream {
	dry := dryStream(g, height, width, band)
	s := wire(g, weights, height, width, band)
	for i, m := range s.maps[1:] {
		m.capacity = dry.maps[1+i].capacity
		m.buf = arena.New(m.capacity, m.width, m.channels)
	}
	for i, op := range s.ops {
		if n := dry.ops[i].peak; n > 0 {
			op.wide = arena.New(n)
		}
	}
	return s
}

// dryStream goes through the motions, to learn how much memory a stream takes.
func dryStream(g *SRResNet, height, width, band int) *stream {
	s := wire(g, nil, height, width, band)
	if err := s.run(context.Background(), nil, nil); err != nil {
		panic(err) // the context is never cancelled
	}
	return s
}

// wire connects the layers of g. Without weights the stream is dry.
func wire(g *SRResNet, weights []*streamWeights, height, width, band int) *stream {
	s := &stream{scale: g.Options.Scale, band: band}
	c := g.Options.Channels
	newMap := func(f, channels int) *rolling {
		r := &rolling{height: f * height, width: f * width, channels: channels, dry: weights == nil}
		s.maps = append(s.maps, r)
		return r
	}
	conv := func(in, out *rolling, layer *nn.Conv2D, add *rolling) {
		op := &streamConv{in: in, out: out, add: add, inReader: in.reader(), pad: layer.Weight.Dim(0) / 2}
		op.band = band * (in.height / height)
		if add != nil {
			op.addReader = add.reader()
		}
		op.shuffle = out.height != in.height
		if weights != nil {
			op.weights = weights[len(s.ops)]
		}
		s.ops = append(s.ops, op)
	}
	s.in = newMap(1, 3)
	first := newMap(1, c)
	conv(s.in, first, g.Head, nil)
	h := first
	for _, b := range g.Body {
		mid, out := newMap(1, c), newMap(1, c)
		conv(h, mid, b.Conv1, nil)
		conv(mid, out, b.Conv2, h)
		h = out
	}
	trunk := newMap(1, c)
	conv(h, trunk, g.Trunk, first)
	h = trunk
	f := 1
	for _, u := range g.Up {
		f *= 2
		out := newMap(f, c)
		conv(h, out, u.Conv, nil)
		h = out
	}
	s.out = newMap(f, 3)
	conv(h, s.out, g.Tail, nil)
	s.ops[len(s.ops)-1].tanh = g.Options.Tanh
	return s
}

// run feeds x (1,height,width,3) band by band, and hands every finished band of output rows (1,rows,s·width,3) to emit, from
// top to bottom. A band is valid during the call.
func (s *stream) run(ctx context.Context, x *tensor.Tensor, emit func(rows *tensor.Tensor)) error {
	reader := s.out.reader()
	s.in.hold(x)
	for s.out.end < s.out.height {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.in.end = min(s.in.end+s.band, s.in.height)
		for _, op := range s.ops {
			op.run()
		}
		if first := s.out.needs[reader]; s.out.end > first {
			if emit != nil {
				emit(s.out.rows(first, s.out.end))
			}
			s.out.release(reader, s.out.end)
		}
	}
	return nil
}

// streamBytes returns how much memory a strip of that size takes with bands of that many rows.
func streamBytes(g *SRResNet, height, width, band int) int64 {
	s := dryStream(g, height, width, band)
	n := 0
	for _, m := range s.maps[1:] {
		n += m.capacity * m.width * m.channels
	}
	for _, op := range s.ops {
		n += op.peak
	}
	return 4 * int64(n)
}

// streamHalo returns how many input pixels beyond its edges can change the bits of an output strip.
func streamHalo(g *SRResNet) int {
	up := func(pad int) int { return (pad + grain - 1) / grain * grain }
	halo := up(g.Head.Weight.Dim(0)/2) + (2*len(g.Body)+1)*up(1)
	quarter := 0 // in units of a quarter of an input pixel, for two doublings; smaller for more
	f := 1
	for range g.Up {
		quarter += up(1) * 4 / f
		f *= 2
	}
	quarter += (up(g.Tail.Weight.Dim(0)/2)*4 + f - 1) / f
	return up(halo + (quarter+3)/4)
}

// rolling holds the rows of a feature map that are still needed.
type rolling struct {
	height, width, channels int

	end      int   // rows below end have been computed
	needs    []int // the first row that each reader still needs
	start    int   // the row that lies first in buf
	capacity int   // how many rows buf has room for
	buf      *tensor.Tensor
	dry      bool
}

func (r *rolling) reader() int {
	r.needs = append(r.needs, 0)
	return len(r.needs) - 1
}

// release says that a reader needs no row before first any more.
func (r *rolling) release(reader, first int) { r.needs[reader] = max(r.needs[reader], first) }

// hold makes the map a view of an image that is there as a whole.
func (r *rolling) hold(x *tensor.Tensor) { r.buf, r.capacity = x, r.height }

// extend makes room for n more rows and returns them, with undefined values.
func (r *rolling) extend(n int) *tensor.Tensor {
	keep := r.end
	for _, first := range r.needs {
		keep = min(keep, first)
	}
	held := r.end - keep
	if r.dry {
		// Half as much again as is needed at a time, so that rows seldom have to be moved to the front.
		r.capacity = max(r.capacity, min((held+n)*3/2, max(r.height, held+n)))
	} else if r.end-r.start+n > r.capacity {
		// Rows move towards the front, and one call copies them in order, so that the overlap does not matter.
		copy(r.buf.Rows(0, held).Data(), r.buf.Rows(keep-r.start, keep-r.start+held).Data())
		r.start = keep
	}
	r.end += n
	return r.rows(r.end-n, r.end)
}

// rows returns rows lo to hi as (1,hi-lo,width,channels).
func (r *rolling) rows(lo, hi int) *tensor.Tensor {
	if r.dry {
		return nil
	}
	return r.buf.Reshape(-1, r.width, r.channels).Rows(lo-r.start, hi-r.start).Reshape(1, hi-lo, r.width, r.channels)
}

// streamConv is a convolution with all that follows it: bias or folded normalisation, pixel shuffle, PReLU, and the
// addition of another map.
type streamConv struct {
	in, out, add        *rolling
	inReader, addReader int

	weights       *streamWeights
	pad, band     int // band is the most rows that are computed at a time
	shuffle, tanh bool

	done int // rows computed, before the shuffle
	wide *tensor.Tensor
	peak int // elements that wide needs; counted by a dry stream
}

// run computes the rows for which the input is there.
func (c *streamConv) run() {
	h := c.in.height
	ready := h
	if c.in.end < h {
		// Whole squares only, and not so many that fewer than a square would be left for the end.
		ready = min(c.in.end-c.pad, h-grain) / grain * grain
	}
	if ready-c.done > c.band+grain {
		// At the bottom of the image every layer is behind by what the layers above it look ahead. It catches up in bands.
		ready = min(c.done+c.band, h-grain) / grain * grain
	}
	n := ready - c.done
	if n <= 0 {
		return
	}
	x := c.in.rows(max(0, c.done-c.pad), min(h, ready+c.pad))
	if c.shuffle {
		y := c.scratch(n)
		dst := c.out.extend(2 * n)
		if !c.in.dry {
			c.convolve(y, x, ready, nil)
			// The channels of y were put in the order (row, column, channel), so that whole pixels move.
			w, ch := c.in.width, c.out.channels
			tensor.PermuteInto(dst.Reshape(n, 2, w, 2, ch), y.Reshape(n, w, 2, 2, ch), 0, 2, 1, 3, 4)
		}
	} else if dst := c.out.extend(n); !c.in.dry {
		var add *tensor.Tensor
		if c.add != nil {
			add = c.add.rows(c.done, ready)
		}
		c.convolve(dst, x, ready, add)
		if c.tanh {
			tensor.TanhInto(dst, dst)
		}
	}
	c.done = ready
	c.in.release(c.inReader, ready-c.pad)
	if c.add != nil {
		c.add.release(c.addReader, ready)
	}
}

func (c *streamConv) convolve(y, x *tensor.Tensor, ready int, add *tensor.Tensor) {
	spec := tensor.ConvSpec{
		PadT: max(0, c.pad-c.done), PadB: max(0, ready+c.pad-c.in.height), PadL: c.pad, PadR: c.pad,
	}
	c.weights.conv.Into(y, x, spec, tensor.ConvFinish{Bias: c.weights.bias, Add: add, Slope: c.weights.slope})
}

// scratch returns the map before the shuffle.
func (c *streamConv) scratch(rows int) *tensor.Tensor {
	wide := 4 * c.out.channels
	n := rows * c.in.width * wide
	if c.in.dry {
		c.peak = max(c.peak, n)
		return nil
	}
	return c.wide.Rows(0, n).Reshape(1, rows, c.in.width, wide)
}
