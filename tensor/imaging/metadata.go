package imaging

import (
	"bytes"
	"encoding/binary"
)

// metadata is what a file says beside its pixels.
type metadata struct {
	orientation int
	icc         []byte
	grey        bool // the file's own colour type is grey, which a decoder may widen to RGBA
}

// readMetadata looks for it in a file of a format. Damaged metadata is as good as none: the decoder judges the file.
func readMetadata(format Format, data []byte) metadata {
	m := metadata{orientation: 1}
	switch format {
	case PNG:
		m.fromPNG(data)
	case JPEG:
		m.fromJPEG(data)
	case WebP:
		m.fromWebP(data)
	case TIFF:
		if d, ok := parseDirectory(data); ok {
			m.orientation = d.orientation()
			m.icc = d.bytes(tagICC)
		}
	}
	return m
}

func (m *metadata) fromPNG(data []byte) {
	const head, tail = 8, 4 // length and name before a chunk's data, checksum after it
	for rest := data[8:]; len(rest) >= head+tail; {
		n := uint64(binary.BigEndian.Uint32(rest))
		if head+n+tail > uint64(len(rest)) {
			return
		}
		body := rest[head : head+n]
		switch string(rest[4:head]) {
		case "IHDR":
			m.grey = n == 13 && (body[9] == 0 || body[9] == 4)
		case "iCCP":
			m.icc = inflateICC(body)
		case "eXIf":
			m.orientation = exifOrientation(body)
		}
		rest = rest[head+n+tail:]
	}
}

// fromJPEG walks the segments before the first scan (JPEG, ITU-T T.81, annex B).
func (m *metadata) fromJPEG(data []byte) {
	var icc [][]byte
	sawEXIF := false
	for rest := data[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker := rest[1]
		switch {
		case marker == 0xff: // fill byte
			rest = rest[1:]
			continue
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd8: // no length follows
			rest = rest[2:]
			continue
		}
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if n < 2 || 2+n > len(rest) || marker == 0xd9 || marker == 0xda { // end of image, start of scan
			break
		}
		body := rest[4 : 2+n]
		switch {
		case marker == 0xe1 && !sawEXIF && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			m.orientation, sawEXIF = exifOrientation(body), true
		case marker == 0xe2 && len(body) > len(jpegICCMark)+2 && string(body[:len(jpegICCMark)]) == jpegICCMark:
			icc = append(icc, body[len(jpegICCMark):])
		}
		rest = rest[2+n:]
	}
	m.icc = joinICC(icc)
}

func (m *metadata) fromWebP(data []byte) {
	for rest := data[12:]; len(rest) >= 8; {
		n := uint64(binary.LittleEndian.Uint32(rest[4:]))
		if 8+n > uint64(len(rest)) {
			return
		}
		body := rest[8 : 8+n]
		switch string(rest[:4]) {
		case "ICCP":
			m.icc = body
		case "EXIF":
			m.orientation = exifOrientation(body)
		}
		rest = rest[min(8+n+n%2, uint64(len(rest))):] // chunks are padded to even sizes
	}
}
