package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"slices"
)

// maxICC bounds what a compressed profile may grow to. Real ones are below 4 MiB.
const maxICC = 16 << 20

// iccFor returns a copy of profile if it describes grey (1 channel) or RGB (3 channels), otherwise nil: a profile for
// other channels, CMYK for example, would be wrong for what the pixels have become.
func iccFor(profile []byte, channels int) []byte {
	const header = 128
	if len(profile) < header || len(profile) > maxICC || string(profile[36:40]) != "acsp" {
		return nil
	}
	want := "RGB "
	if channels == 1 {
		want = "GRAY"
	}
	if string(profile[16:20]) != want {
		return nil
	}
	return slices.Clone(profile)
}

// inflateICC reads the body of a PNG iCCP chunk: name, zero, method zero, compressed profile.
func inflateICC(chunk []byte) []byte {
	i := bytes.IndexByte(chunk, 0)
	if i < 1 || i > 79 || i+2 > len(chunk) || chunk[i+1] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(chunk[i+2:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(z, maxICC+1))
	if err != nil || len(profile) > maxICC {
		return nil
	}
	return profile
}

// deflateICC is the inverse of inflateICC.
func deflateICC(profile []byte) []byte {
	var b bytes.Buffer
	b.WriteString("ICC profile\x00\x00")
	z := zlib.NewWriter(&b)
	z.Write(profile) // a bytes.Buffer takes everything
	z.Close()
	return b.Bytes()
}

const (
	jpegICCMark = "ICC_PROFILE\x00"
	jpegICCPart = 65535 - 2 - len(jpegICCMark) - 2 // bytes of profile in one segment
)

// joinICC puts together the numbered parts of a profile in a JPEG's APP2 segments, nil if any is missing.
func joinICC(parts [][]byte) []byte {
	ordered := make([][]byte, len(parts))
	for _, p := range parts {
		i, n := int(p[0])-1, int(p[1])
		if n != len(parts) || i < 0 || i >= n || ordered[i] != nil {
			return nil
		}
		ordered[i] = p[2:]
	}
	return slices.Concat(ordered...)
}

// splitICC is the inverse of joinICC with the segment heads: what follows the start of a JPEG. A profile that needs more
// than 255 parts has no place in one.
func splitICC(profile []byte) []byte {
	n := (len(profile) + jpegICCPart - 1) / jpegICCPart
	if n > 255 {
		return nil
	}
	var b []byte
	for i := range n {
		part := profile[i*jpegICCPart : min((i+1)*jpegICCPart, len(profile))]
		b = append(b, 0xff, 0xe2)
		b = binary.BigEndian.AppendUint16(b, uint16(2+len(jpegICCMark)+2+len(part)))
		b = append(b, jpegICCMark...)
		b = append(b, byte(i+1), byte(n))
		b = append(b, part...)
	}
	return b
}
