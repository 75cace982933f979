package imaging

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

const maxLines = 6 // of one caption; longer ones end in an ellipsis

// typesetter sets captions in Go Regular. It is not for concurrent use.
type typesetter struct {
	face         font.Face
	ascent, line int
	ink          color.Color
}

func newTypesetter(size float64, ink color.Color) *typesetter {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic("imaging: the built-in font does not parse: " + err.Error())
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic("imaging: the built-in font has no face: " + err.Error())
	}
	m := face.Metrics()
	return &typesetter{face: face, ascent: m.Ascent.Ceil(), line: m.Ascent.Ceil() + m.Descent.Ceil(), ink: ink}
}

func (t *typesetter) width(s string) int { return font.MeasureString(t.face, s).Ceil() }

// widest returns the width of the longest line, unwrapped, of any text, but at most limit.
func (t *typesetter) widest(texts []string, limit int) int {
	w := 0
	for _, s := range texts {
		for _, l := range t.wrap(s, limit) {
			w = max(w, t.width(l))
		}
	}
	return w
}

// wrap breaks s into lines of at most width pixels: at its own line ends, between words, and inside words that are wider.
// Captions come from data sets: whatever cannot be printed is left out.
func (t *typesetter) wrap(s string, width int) []string {
	var lines []string
	for _, paragraph := range strings.Split(strings.TrimSpace(s), "\n") {
		current := ""
		for _, word := range strings.Fields(printable(paragraph)) {
			if joined := strings.TrimSpace(current + " " + word); t.width(joined) <= width {
				current = joined
				continue
			}
			if current != "" {
				lines = append(lines, current)
			}
			for t.width(word) > width && len(lines) <= maxLines {
				head := t.prefix(word, width)
				lines = append(lines, head)
				word = word[len(head):]
			}
			current = word
			if len(lines) > maxLines {
				break
			}
		}
		if current != "" {
			lines = append(lines, current)
		}
		if len(lines) > maxLines {
			lines = lines[:maxLines]
			last := []rune(lines[maxLines-1])
			for len(last) > 0 && t.width(string(last)+"…") > width {
				last = last[:len(last)-1]
			}
			lines[maxLines-1] = string(last) + "…"
			break
		}
	}
	return lines
}

// prefix returns as many characters of word as fit, at least one.
func (t *typesetter) prefix(word string, width int) string {
	var x fixed.Int26_6
	for i, r := range word {
		a, _ := t.face.GlyphAdvance(r)
		if x += a; i > 0 && x.Ceil() > width {
			return word[:i]
		}
	}
	return word
}

// printable drops control characters and broken UTF-8, and limits the length to what any caption can show.
func printable(s string) string {
	const most = 2000
	if len(s) > most {
		s = s[:most]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.IsSpace(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
}

func (t *typesetter) height(lines []string) int { return len(lines) * t.line }

// draw puts lines from (x, y) down, each centred in width.
func (t *typesetter) draw(dst draw.Image, lines []string, x, y, width int) {
	d := font.Drawer{Dst: dst, Src: image.NewUniform(t.ink), Face: t.face}
	for i, l := range lines {
		d.Dot = fixed.P(x+(width-t.width(l))/2, y+i*t.line+t.ascent)
		d.DrawString(l)
	}
}
