package imaging

import (
	"bytes"
	"encoding/binary"
)

// TIFF tags that are read here.
const (
	tagOrientation = 0x0112
	tagICC         = 0x8773
)

// directory is the first image file directory of a TIFF structure, which is what EXIF data is too (TIFF 6.0, section 2).
type directory struct {
	data    []byte
	order   binary.ByteOrder
	entries []byte // 12 bytes each: tag, type, count, value or offset
}

// parseDirectory finds the first directory. It follows one offset, reads nothing outside data and takes no memory.
func parseDirectory(data []byte) (directory, bool) {
	d := directory{data: data}
	switch {
	case bytes.HasPrefix(data, []byte("II*\x00")):
		d.order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("MM\x00*")):
		d.order = binary.BigEndian
	default:
		return d, false
	}
	if len(data) < 8 {
		return d, false
	}
	at := uint64(d.order.Uint32(data[4:]))
	if at < 8 || at+2 > uint64(len(data)) {
		return d, false
	}
	end := at + 2 + 12*uint64(d.order.Uint16(data[at:]))
	if end > uint64(len(data)) {
		return d, false
	}
	d.entries = data[at+2 : end]
	return d, true
}

// find returns the type, the count and the value field of a tag's first entry.
func (d directory) find(tag uint16) (kind uint16, count uint32, value []byte, ok bool) {
	for e := d.entries; len(e) >= 12; e = e[12:] {
		if d.order.Uint16(e) == tag {
			return d.order.Uint16(e[2:]), d.order.Uint32(e[4:]), e[8:12], true
		}
	}
	return 0, 0, nil, false
}

// orientation returns the orientation, 1 to 8 as EXIF numbers them; 1, upright, if there is none or no valid one.
func (d directory) orientation() int {
	const short = 3
	kind, count, value, ok := d.find(tagOrientation)
	if !ok || kind != short || count != 1 {
		return 1
	}
	if o := int(d.order.Uint16(value)); o >= 1 && o <= 8 {
		return o
	}
	return 1
}

// bytes returns the content of a tag of type UNDEFINED or BYTE, nil if there is none within the data.
func (d directory) bytes(tag uint16) []byte {
	const (
		octet     = 1
		undefined = 7
	)
	kind, count, value, ok := d.find(tag)
	if !ok || kind != undefined && kind != octet || count <= 4 {
		return nil
	}
	at := uint64(d.order.Uint32(value))
	if at+uint64(count) > uint64(len(d.data)) {
		return nil
	}
	return d.data[at : at+uint64(count)]
}

// exifOrientation reads the orientation out of EXIF data, with or without the "Exif" mark before it. Damaged data mean 1:
// the picture itself is still good.
func exifOrientation(exif []byte) int {
	d, ok := parseDirectory(bytes.TrimPrefix(exif, []byte("Exif\x00\x00")))
	if !ok {
		return 1
	}
	return d.orientation()
}
