package imaging

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
)

// paletted returns m with its own palette, or nil if it has none or its pixels, rounded to 8 bits, left it.
func (m *Image) paletted() *image.Paletted {
	if len(m.Palette) == 0 || len(m.Palette) > 256 || m.Channels() != 3 {
		return nil
	}
	index := map[color.NRGBA]uint8{}
	for i, c := range m.Palette {
		s := straight(c)
		key := color.NRGBA{
			R: uint8(level(s[0], 255)), G: uint8(level(s[1], 255)), B: uint8(level(s[2], 255)), A: uint8(level(s[3], 255)),
		}
		if _, ok := index[key]; !ok {
			index[key] = uint8(i)
		}
	}
	return indexed(m.nrgba(), m.Palette, index)
}

// nrgba renders to 8 bits with alpha, opaque or not.
func (m *Image) nrgba() *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, m.Width(), m.Height()))
	m.fill(out.Pix, 4, 1)
	return out
}

// indexed looks every pixel up, and returns nil when one is missing.
func indexed(src *image.NRGBA, p color.Palette, index map[color.NRGBA]uint8) *image.Paletted {
	out := image.NewPaletted(src.Rect, p)
	for i := range out.Pix {
		k, ok := index[pixelAt(src, i)]
		if !ok {
			return nil
		}
		out.Pix[i] = k
	}
	return out
}

func pixelAt(m *image.NRGBA, i int) color.NRGBA {
	p := m.Pix[4*i : 4*i+4]
	return color.NRGBA{R: p[0], G: p[1], B: p[2], A: p[3]}
}

// quantized returns m with at most 256 colours for a GIF: exactly if it has no more, one of them for what is transparent,
// otherwise by median cut with the error spread to the neighbours (Floyd and Steinberg).
func (m *Image) quantized() *image.Paletted {
	if p := m.paletted(); p != nil && oneBitAlpha(p.Palette) {
		return p
	}
	src := m.nrgba()
	count := map[color.NRGBA]int{}
	for i := range len(src.Pix) / 4 {
		p := src.Pix[4*i : 4*i+4]
		if p[3] < 128 {
			copy(p, []byte{0, 0, 0, 0})
		} else {
			p[3] = 255
		}
		count[pixelAt(src, i)]++
	}
	clear := color.NRGBA{}
	_, holes := count[clear]
	limit := 256
	var palette color.Palette
	if holes {
		limit--
		delete(count, clear)
	}
	bins := make([]bin, 0, len(count))
	for c, n := range count {
		bins = append(bins, bin{c, n})
	}
	slices.SortFunc(bins, func(a, b bin) int { return a.key() - b.key() }) // the map's order must not show
	if len(bins) <= limit {
		index := map[color.NRGBA]uint8{}
		for i, b := range bins {
			index[b.c] = uint8(i)
			palette = append(palette, b.c)
		}
		if holes {
			index[clear] = uint8(len(palette))
			palette = append(palette, clear)
		}
		return indexed(src, palette, index)
	}
	palette = medianCut(bins, limit)
	var hole []int
	first := palette[0].(color.NRGBA)
	for i := range len(src.Pix) / 4 {
		if p := src.Pix[4*i : 4*i+4]; p[3] == 0 {
			hole = append(hole, i)
			copy(p, []byte{first.R, first.G, first.B, 255}) // or the missing alpha would be spread as an error
		}
	}
	out := image.NewPaletted(src.Rect, palette)
	draw.FloydSteinberg.Draw(out, src.Rect, src, src.Rect.Min)
	if holes {
		out.Palette = append(out.Palette, clear)
	}
	for _, i := range hole {
		out.Pix[i] = uint8(len(palette))
	}
	return out
}

// oneBitAlpha reports whether every colour is opaque or wholly transparent, as a GIF has it.
func oneBitAlpha(p color.Palette) bool {
	holes := 0
	for _, c := range p {
		switch _, _, _, a := c.RGBA(); a {
		case 0:
			holes++
		case 0xffff:
		default:
			return false
		}
	}
	return holes <= 1
}

// bin is a colour and how many pixels have it.
type bin struct {
	c color.NRGBA
	n int
}

func (b bin) key() int { return int(b.c.R)<<16 | int(b.c.G)<<8 | int(b.c.B) }

func (b bin) channel(k int) int { return b.key() >> (16 - 8*k) & 255 }

// medianCut splits the colours n-1 times: always the box with the greatest spread times the root of its pixels, across its
// longest side, where half of its pixels lie on each side. A box becomes its mean (Heckbert 1982, with that choice of box).
func medianCut(bins []bin, n int) color.Palette {
	boxes := []box{newBox(bins)}
	for len(boxes) < n {
		widest := 0
		for i, b := range boxes {
			if b.weight() > boxes[widest].weight() {
				widest = i
			}
		}
		if boxes[widest].spread == 0 {
			break
		}
		a, b := boxes[widest].split()
		boxes[widest] = a
		boxes = append(boxes, b)
	}
	var p color.Palette
	for _, b := range boxes {
		p = append(p, b.mean())
	}
	return p
}

type box struct {
	bins         []bin
	pixels       int
	axis, spread int
}

func newBox(bins []bin) box {
	b := box{bins: bins}
	for k := range 3 {
		lo, hi := 255, 0
		for _, c := range bins {
			lo, hi = min(lo, c.channel(k)), max(hi, c.channel(k))
		}
		if hi-lo > b.spread {
			b.axis, b.spread = k, hi-lo
		}
	}
	for _, c := range bins {
		b.pixels += c.n
	}
	return b
}

// weight is the square of spread times the root of the pixels: whole numbers compare exactly.
func (b box) weight() int { return b.spread * b.spread * b.pixels }

func (b box) split() (box, box) {
	slices.SortFunc(b.bins, func(x, y bin) int {
		if d := x.channel(b.axis) - y.channel(b.axis); d != 0 {
			return d
		}
		return x.key() - y.key()
	})
	cut, seen := 1, b.bins[0].n
	for cut < len(b.bins)-1 && 2*seen < b.pixels {
		seen += b.bins[cut].n
		cut++
	}
	return newBox(b.bins[:cut]), newBox(b.bins[cut:])
}

func (b box) mean() color.NRGBA {
	var sum [3]int
	for _, c := range b.bins {
		for k := range sum {
			sum[k] += c.channel(k) * c.n
		}
	}
	half := b.pixels / 2
	return color.NRGBA{
		R: uint8((sum[0] + half) / b.pixels), G: uint8((sum[1] + half) / b.pixels), B: uint8((sum[2] + half) / b.pixels), A: 255,
	}
}
