package safetensors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
)

const (
	// ownPrefix begins the metadata keys of our own files. A file that has one has a checksum, so that damage to
	// the checksum's name does not make it optional.
	ownPrefix = "gander."
	// checksumKey is the metadata key of the checksum.
	checksumKey = ownPrefix + "sha256"
)

// ErrDamaged is returned for a file whose checksum does not hold.
var ErrDamaged = errors.New("the file is damaged: its checksum does not hold")

// digest is a SHA-256 over what a file says, in an order that does not depend on how the header is written: the
// metadata, then each tensor by name, its format, shape and data. Every part is preceded by its length.
type digest struct{ hash.Hash }

func newDigest(meta map[string]string) digest {
	d := digest{sha256.New()}
	d.text("gander checksum 1")
	for _, k := range slices.Sorted(maps.Keys(meta)) {
		if k != checksumKey {
			d.text(k)
			d.text(meta[k])
		}
	}
	return d
}

// begin goes on with a tensor, whose data is to be written next.
func (d digest) begin(name, format string, shape []int, size int64) {
	d.text(name)
	d.text(format)
	d.number(int64(len(shape)))
	for _, n := range shape {
		d.number(int64(n))
	}
	d.number(size)
}

func (d digest) sum() string { return hex.EncodeToString(d.Sum(nil)) }

func (d digest) text(s string) {
	d.number(int64(len(s)))
	io.WriteString(d, s)
}

func (d digest) number(n int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	d.Write(b[:])
}

// expected returns the checksum that a file's metadata promises, or "" for a file of another program.
func expected(meta map[string]string) (string, error) {
	if sum, ok := meta[checksumKey]; ok {
		if len(sum) != hex.EncodedLen(sha256.Size) {
			return "", ErrDamaged
		}
		return sum, nil
	}
	for k := range meta {
		if strings.HasPrefix(k, ownPrefix) {
			return "", ErrDamaged
		}
	}
	return "", nil
}
