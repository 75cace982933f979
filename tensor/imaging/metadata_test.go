package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTIFFProfile(t *testing.T) {
	icc := profile("RGB ", 200)
	le := binary.LittleEndian
	tiff := le.AppendUint32([]byte("II*\x00"), 8)
	tiff = le.AppendUint16(tiff, 1)
	tiff = le.AppendUint16(tiff, tagICC)
	tiff = le.AppendUint16(tiff, 7)
	tiff = le.AppendUint32(tiff, uint32(len(icc)))
	tiff = le.AppendUint32(tiff, 26)
	tiff = append(tiff, 0, 0, 0, 0)
	whole := append(append([]byte(nil), tiff...), icc...)
	require.Equal(t, icc, readMetadata(TIFF, whole).icc)
	require.Nil(t, readMetadata(TIFF, whole[:len(whole)-1]).icc, "the profile would end outside")
	whole[12] = 3
	require.Nil(t, readMetadata(TIFF, whole).icc, "of another type")
}

func TestJPEGSegments(t *testing.T) {
	exif := func(o int) []byte { return append([]byte("Exif\x00\x00"), exifWith(binary.BigEndian, o)...) }
	plain := samples(t)["grey.jpg"]
	turned := withSegment(plain, 0xe1, exif(8))
	require.Equal(t, 8, readMetadata(JPEG, turned).orientation)
	// Fill bytes before a marker are allowed, and markers without a length.
	filled := append(append([]byte{0xff, 0xd8}, 0xff, 0xff, 0xff, 0x01), turned[2:]...)
	require.Equal(t, 8, readMetadata(JPEG, filled).orientation)
	// The first of two counts; XMP in the same kind of segment is none.
	require.Equal(t, 3, readMetadata(JPEG, withSegment(turned, 0xe1, exif(3))).orientation)
	require.Equal(t, 8, readMetadata(JPEG, withSegment(turned, 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"))).orientation)
	// After the start of the scan nothing is metadata.
	require.Equal(t, 1, readMetadata(JPEG, append(plain[:len(plain):len(plain)], turned[2:]...)).orientation)
	require.Equal(t, 1, readMetadata(JPEG, []byte{0xff, 0xd8, 0xff, 0xe1, 0, 1, 0, 0}).orientation)
}

func TestProfileParts(t *testing.T) {
	part := func(i, n byte, s string) []byte { return append([]byte{i, n}, s...) }
	require.Equal(t, "abcd", string(joinICC([][]byte{part(2, 2, "cd"), part(1, 2, "ab")})))
	for name, parts := range map[string][][]byte{
		"missing": {part(1, 2, "ab")}, "twice": {part(1, 2, "ab"), part(1, 2, "ab")},
		"zero": {part(0, 1, "ab")}, "beyond": {part(2, 1, "ab")},
	} {
		require.Nil(t, joinICC(parts), name)
	}
	require.Nil(t, splitICC(make([]byte, 256*jpegICCPart)))
}

func TestCompressedProfileIsBounded(t *testing.T) {
	require.Equal(t, []byte("profile"), inflateICC(deflateICC([]byte("profile"))))
	var bomb bytes.Buffer
	bomb.WriteString("x\x00\x00")
	z := zlib.NewWriter(&bomb)
	_, err := z.Write(make([]byte, maxICC+1))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.Nil(t, inflateICC(bomb.Bytes()))
	for _, bad := range []string{"", "name", "\x00\x00", "x\x00\x01abc", "x\x00\x00not zlib"} {
		require.Nil(t, inflateICC([]byte(bad)), "%q", bad)
	}
}
