package imaging

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// encodeGreyAlphaPNG writes colour type 4, grey with alpha, which image/png reads but does not write (PNG, third edition,
// sections 5 and 9).
func (m *Image) encodeGreyAlphaPNG(w io.Writer) error {
	width := 1 // bytes per sample
	if m.Depth == 16 {
		width = 2
	}
	pixel := 2 * width
	pix := make([]byte, m.Height()*m.Width()*pixel)
	m.fill(pix, 2, width)

	header := binary.BigEndian.AppendUint32(nil, uint32(m.Width()))
	header = binary.BigEndian.AppendUint32(header, uint32(m.Height()))
	header = append(header, byte(8*width), 4, 0, 0, 0)
	head := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", header)...)
	if icc := iccFor(m.ICC, 1); icc != nil {
		head = append(head, pngChunk("iCCP", deflateICC(icc))...)
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	chunks := bufio.NewWriterSize(idatWriter{w}, 64<<10)
	z := zlib.NewWriter(chunks)
	stride := m.Width() * pixel
	above := make([]byte, stride)
	filtered, best := make([]byte, stride), make([]byte, stride)
	for y := range m.Height() {
		row := pix[y*stride : (y+1)*stride]
		kind, least := 0, -1
		for k := range 5 {
			if cost := pngFilter(filtered, row, above, k, pixel); least < 0 || cost < least {
				kind, least = k, cost
				filtered, best = best, filtered
			}
		}
		if _, err := z.Write([]byte{byte(kind)}); err != nil {
			return err
		}
		if _, err := z.Write(best); err != nil {
			return err
		}
		above = row
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := chunks.Flush(); err != nil {
		return err
	}
	_, err := w.Write(pngChunk("IEND", nil))
	return err
}

// pngFilter writes row filtered by one of the five kinds into dst. The cost is the sum of the residuals' sizes: the
// smallest compresses best, as a rule.
func pngFilter(dst, row, above []byte, kind, pixel int) (cost int) {
	for i, v := range row {
		var left, up, corner int
		if i >= pixel {
			left, corner = int(row[i-pixel]), int(above[i-pixel])
		}
		up = int(above[i])
		var guess int
		switch kind {
		case 1:
			guess = left
		case 2:
			guess = up
		case 3:
			guess = (left + up) / 2
		case 4:
			guess = paeth(left, up, corner)
		}
		dst[i] = v - byte(guess)
		cost += distance(int(int8(dst[i])), 0)
	}
	return cost
}

// paeth returns the neighbour nearest to left + up − corner, ties in that order.
func paeth(left, up, corner int) int {
	p := left + up - corner
	a, b, c := distance(p, left), distance(p, up), distance(p, corner)
	switch {
	case a <= b && a <= c:
		return left
	case b <= c:
		return up
	}
	return corner
}

func distance(a, b int) int { return max(a-b, b-a) }

func pngChunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, name...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// idatWriter makes one IDAT chunk of each write.
type idatWriter struct{ w io.Writer }

func (i idatWriter) Write(p []byte) (int, error) {
	if _, err := i.w.Write(pngChunk("IDAT", p)); err != nil {
		return 0, err
	}
	return len(p), nil
}
