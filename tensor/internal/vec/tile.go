package vec

// A tile holds a short row several times over, so that kernels of whole slices serve operands that repeat.
type tile [tileLen]float32

const tileLen = 512

// repeat returns row, or as many copies of it as fit the tile and as n elements need. It panics if row is empty and n is
// not 0.
func (t *tile) repeat(row []float32, n int) []float32 {
	c := len(row)
	if c == 0 && n > 0 {
		panic("vec: a row of no elements")
	}
	if n <= c || 2*c > tileLen {
		return row
	}
	whole := min(tileLen/c, (n+c-1)/c) * c
	for at := copy(t[:whole], row); at < whole; at *= 2 {
		copy(t[at:whole], t[:at])
	}
	return t[:whole]
}
