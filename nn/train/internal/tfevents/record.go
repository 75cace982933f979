package tfevents

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the masked CRC-32C of TFRecord. The mask keeps the checksum of data that contain checksums from being a weak one.
func checksum(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// appendRecord appends a framed record: its length and the checksum of that, the content and the checksum of it.
func appendRecord(to, content []byte) []byte {
	at := len(to)
	to = binary.LittleEndian.AppendUint64(to, uint64(len(content)))
	to = binary.LittleEndian.AppendUint32(to, checksum(to[at:]))
	to = append(to, content...)
	return binary.LittleEndian.AppendUint32(to, checksum(content))
}
