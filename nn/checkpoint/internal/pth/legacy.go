package pth

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gander-ml/gander/nn/checkpoint/internal/pickle"
)

// legacyMagic is a pickle of the number that begins a file of the older format.
const legacyMagic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."

const legacyStart = len(legacyMagic)

func isLegacy(b []byte) bool { return bytes.HasPrefix(b, []byte(legacyMagic)) }

// openLegacy reads a stream: pickles of the magic number, the version of the format, facts about the machine, the
// description of the tensors, and the keys of the storages; then the storages, each after its length.
func openLegacy(r io.ReaderAt, size int64) (any, finder, error) {
	counted := &countingReader{r: io.NewSectionReader(r, 0, size)}
	b := bufio.NewReaderSize(counted, 1<<16)
	var parts [5]any
	for i := range parts {
		v, err := readPickle(b)
		if err != nil {
			return nil, nil, err
		}
		parts[i] = v
	}
	if parts[1] != int64(1001) {
		return nil, nil, fmt.Errorf("version %v of the format is not known", parts[1])
	}
	if system, ok := parts[2].(*pickle.Dict); ok {
		if little, ok := system.Get("little_endian"); ok && little != true {
			return nil, nil, errors.New("its numbers are big-endian; only little-endian is read")
		}
	}
	keys, ok := parts[4].(*pickle.List)
	if !ok {
		return nil, nil, errors.New("malformed: no list of storages")
	}
	// How long a storage is in bytes is known only from the tensors that use it.
	formats := map[string]storageID{}
	if err := storageIDs(parts[3], formats); err != nil {
		return nil, nil, err
	}
	found := map[string]*storage{}
	at := counted.n - int64(b.Buffered())
	for _, k := range keys.Items {
		key, ok := k.(string)
		id, known := formats[key]
		if !ok || !known || found[key] != nil {
			return nil, nil, fmt.Errorf("malformed: the storage %v is in no tensor, or listed twice", k)
		}
		var length [8]byte
		if err := readAt(r, length[:], at); err != nil {
			return nil, nil, errors.New("the file is cut short")
		}
		at += int64(len(length))
		if n := binary.LittleEndian.Uint64(length[:]); n != uint64(id.n) {
			return nil, nil, fmt.Errorf("storage %q has %d numbers, its tensors say %d", key, n, id.n)
		}
		bytes := int64(id.n) * int64(id.format.Size())
		if bytes > size-at {
			return nil, nil, fmt.Errorf("cut short: storage %q has %d bytes, the file %d more", key, bytes, size-at)
		}
		found[key] = &storage{r: r, begin: at, format: id.format, n: id.n}
		at += bytes
	}
	if at != size {
		return nil, nil, fmt.Errorf("%d bytes at the end of the file belong to no tensor", size-at)
	}
	return parts[3], func(id storageID) (*storage, error) {
		s := found[id.key]
		if s == nil {
			return nil, fmt.Errorf("the file has no storage %q", id.key)
		}
		return s, s.mustBe(id)
	}, nil
}

// storageIDs collects what the pickled value says of the storages.
func storageIDs(value any, ids map[string]storageID) error {
	c := &collector{limit: Limits{}.withDefaults().Values, names: map[string]bool{}, find: func(id storageID) (*storage, error) {
		if have, ok := ids[id.key]; ok && have != id {
			return nil, fmt.Errorf("malformed: its storage has %d numbers of %s, not %d of %s", have.n, have.format, id.n, id.format)
		}
		ids[id.key] = id
		return nil, nil
	}}
	return c.collect("", value, 0)
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}
