package pth

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

func isZip(b []byte) bool { return bytes.HasPrefix(b, []byte("PK\x03\x04")) }

// openZip reads an archive: NAME/data.pkl describes the tensors, NAME/data/KEY are their storages, uncompressed.
// Members are only looked up, by their exact names, and never unpacked to files.
func openZip(r io.ReaderAt, size int64, limits Limits) (any, finder, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, nil, fmt.Errorf("a zip archive that cannot be read, or is cut short: %w", err)
	}
	if len(z.File) > limits.Members {
		return nil, nil, fmt.Errorf("an archive of %d members, more than the limit of %d (checkpoint.Limits.Members)", len(z.File), limits.Members)
	}
	members := make(map[string]*zip.File, len(z.File))
	prefix := ""
	for _, f := range z.File {
		if members[f.Name] != nil {
			return nil, nil, fmt.Errorf("two archive members are named %q", f.Name)
		}
		members[f.Name] = f
		if dir, ok := strings.CutSuffix(f.Name, "data.pkl"); ok && strings.Count(f.Name, "/") <= 1 {
			prefix = dir
		}
	}
	description := members[prefix+"data.pkl"]
	if description == nil {
		return nil, nil, errors.New("a zip archive without data.pkl, so not of PyTorch")
	}
	if order := members[prefix+"byteorder"]; order != nil {
		b, err := content(order, 16, "")
		if err != nil {
			return nil, nil, err
		}
		if string(b) != "little" {
			return nil, nil, fmt.Errorf("its numbers are in %q byte order; only little-endian is read", b)
		}
	}
	b, err := content(description, uint64(limits.Description), " (checkpoint.Limits.Description)")
	if err != nil {
		return nil, nil, err
	}
	value, err := readPickle(bufio.NewReader(bytes.NewReader(b)))
	if err != nil {
		return nil, nil, err
	}
	a := archive{r, size, prefix + "data/", members, map[string]*storage{}}
	return value, a.storage, nil
}

// content returns the bytes of a small member, whose checksum is verified. option is where the limit comes from.
func content(f *zip.File, limit uint64, option string) ([]byte, error) {
	if f.UncompressedSize64 > limit {
		return nil, fmt.Errorf("archive member %q has %d bytes, more than the limit of %d%s", f.Name, f.UncompressedSize64, limit, option)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("archive member %q: %w", f.Name, err)
	}
	defer r.Close()
	// One byte more than allowed makes the reader get to the end, where it compares the checksum.
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err == nil && uint64(len(b)) > limit {
		err = errors.New("longer than it says")
	}
	if err != nil {
		return nil, fmt.Errorf("archive member %q: %w", f.Name, err)
	}
	return b, nil
}

type archive struct {
	r       io.ReaderAt
	size    int64
	prefix  string
	members map[string]*zip.File
	found   map[string]*storage
}

func (a archive) storage(id storageID) (*storage, error) {
	if s := a.found[id.key]; s != nil {
		return s, s.mustBe(id)
	}
	f := a.members[a.prefix+id.key]
	bytes := uint64(id.n) * uint64(id.format.Size())
	switch {
	case f == nil:
		return nil, fmt.Errorf("the archive has no member %q", a.prefix+id.key)
	case f.Method != zip.Store:
		return nil, fmt.Errorf("archive member %q is compressed, which PyTorch's are not", f.Name)
	case f.UncompressedSize64 != bytes || f.CompressedSize64 != bytes:
		return nil, fmt.Errorf("archive member %q has %d bytes, not %d", f.Name, f.UncompressedSize64, bytes)
	}
	begin, err := f.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("archive member %q: %w", f.Name, err)
	}
	if begin < 0 || begin > a.size || bytes > uint64(a.size-begin) {
		return nil, fmt.Errorf("archive member %q is cut short", f.Name)
	}
	s := &storage{r: a.r, begin: begin, format: id.format, n: id.n, crc: &f.CRC32}
	a.found[id.key] = s
	return s, nil
}
