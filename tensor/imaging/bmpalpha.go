package imaging

import (
	"encoding/binary"
	"image"
	"io"
)

// encodeAlphaBMP writes 32 bits per pixel with a BITMAPV4HEADER, whose masks say that the fourth byte is alpha. In the
// older header that x/image/bmp writes, readers (its own too) take that byte for padding.
func (m *Image) encodeAlphaBMP(w io.Writer) error {
	const (
		fileHeader = 14
		infoHeader = 108
		bitFields  = 3
	)
	size := int64(m.Width()) * int64(m.Height()) * 4
	if m.Width() > 1<<31-1 || m.Height() > 1<<31-1 || size > 1<<32-1-fileHeader-infoHeader {
		return tooLarge(m.Width(), m.Height(), BMP, 1<<15)
	}
	le := binary.LittleEndian
	b := []byte("BM")
	b = le.AppendUint32(b, uint32(size)+fileHeader+infoHeader)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, fileHeader+infoHeader)
	b = le.AppendUint32(b, infoHeader)
	b = le.AppendUint32(b, uint32(m.Width()))
	b = le.AppendUint32(b, uint32(m.Height()))
	b = le.AppendUint16(b, 1)
	b = le.AppendUint16(b, 32)
	b = le.AppendUint32(b, bitFields)
	b = le.AppendUint32(b, uint32(size))
	b = le.AppendUint32(b, 2835) // 72 dots per inch, both ways
	b = le.AppendUint32(b, 2835)
	b = le.AppendUint64(b, 0) // no palette
	for _, mask := range []uint32{0xff0000, 0xff00, 0xff, 0xff000000} {
		b = le.AppendUint32(b, mask)
	}
	b = append(b, "BGRs"...) // sRGB, little-endian
	b = append(b, make([]byte, fileHeader+infoHeader-len(b))...)
	if _, err := w.Write(b); err != nil {
		return err
	}
	pix := m.render(8).(*image.NRGBA)
	for y := m.Height() - 1; y >= 0; y-- {
		row := pix.Pix[y*pix.Stride : y*pix.Stride+4*m.Width()]
		for i := 0; i < len(row); i += 4 {
			row[i], row[i+2] = row[i+2], row[i]
		}
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
