package pth

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
)

// piece is how many bytes are read at a time; a multiple of every number's size.
const piece = 1 << 18

// storage is a run of numbers in the file.
type storage struct {
	r      io.ReaderAt
	begin  int64
	format dtype.DType
	n      int
	crc    *uint32 // of its bytes, if the file has one

	once    sync.Once
	damaged error
}

// mustBe checks that two tensors agree on the storage they share.
func (s *storage) mustBe(id storageID) error {
	if s.format != id.format || s.n != id.n {
		return fmt.Errorf("malformed: its storage has %d numbers of %s, not %d of %s", s.n, s.format, id.n, id.format)
	}
	return nil
}

// decode converts the numbers from the one at offset on.
func (s *storage) decode(dst []float32, offset int) error {
	w := s.format.Size()
	buf := make([]byte, min(piece, len(dst)*w))
	at := s.begin + int64(offset)*int64(w)
	for len(dst) > 0 {
		n := min(len(dst), piece/w)
		if err := readAt(s.r, buf[:n*w], at); err != nil {
			return err
		}
		if err := s.format.Decode(dst[:n], buf[:n*w]); err != nil {
			return err
		}
		dst = dst[n:]
		at += int64(n * w)
	}
	return nil
}

// verify reads the storage once and compares its checksum, if there is one.
func (s *storage) verify() error {
	s.once.Do(func() {
		if s.crc == nil {
			return
		}
		sum := crc32.NewIEEE()
		size := int64(s.n) * int64(s.format.Size())
		buf := make([]byte, min(piece, size))
		for at, end := s.begin, s.begin+size; at < end; {
			b := buf[:min(piece, end-at)]
			if s.damaged = readAt(s.r, b, at); s.damaged != nil {
				return
			}
			sum.Write(b)
			at += int64(len(b))
		}
		if sum.Sum32() != *s.crc {
			s.damaged = errors.New("is damaged: its checksum does not hold")
		}
	})
	return s.damaged
}

// readAt fills b, and calls a file that ends too early cut short.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == io.EOF || err == nil:
		return errors.New("is cut short")
	}
	return err
}
