package cifar

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gander-ml/gander/nn/data/labelled"
)

// Side of the pictures, in pixels, and the number of their classes.
const (
	Side    = 32
	Classes = 10
)

const (
	channels = 3
	plane    = Side * Side
	record   = 1 + channels*plane
	testFile = "test_batch.bin"
	metaFile = "batches.meta.txt"
)

// Options are limits on what is read. The zero value is the usual choice.
type Options struct {
	MaxBytes int64 // of all files of a part together; 0 means 1 GiB
}

func (o Options) maxBytes() int64 {
	if o.MaxBytes == 0 {
		return 1 << 30
	}
	return o.MaxBytes
}

// Open reads CIFAR-10 from a folder: test_batch.bin, and for training every other .bin file in the order of their names,
// which in the original are data_batch_1.bin to data_batch_5.bin. Names of classes are from batches.meta.txt; without that
// file they are those of CIFAR-10.
func Open(dir string, o Options) (train, test *labelled.Images, err error) {
	names, err := ClassNames(dir)
	if err != nil {
		return nil, nil, err
	}
	files, err := filepath.Glob(filepath.Join(escape(dir), "*.bin"))
	if err != nil {
		return nil, nil, fmt.Errorf("cifar: %s: %w", dir, err)
	}
	slices.Sort(files)
	files = slices.DeleteFunc(files, func(f string) bool { return filepath.Base(f) == testFile })
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("cifar: %s has no data_batch_1.bin to data_batch_5.bin; it must hold the binary version of CIFAR-10",
			dir)
	}
	if train, err = Files(names, o, files...); err != nil {
		return nil, nil, err
	}
	if test, err = Files(names, o, filepath.Join(dir, testFile)); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// escape makes a folder's name mean itself in a pattern.
func escape(dir string) string {
	return strings.NewReplacer(`[`, `[[]`, `*`, `[*]`, `?`, `[?]`).Replace(dir)
}

// Files reads records from files, one file after the other. names are those of the ten classes.
func Files(names []string, o Options, paths ...string) (*labelled.Images, error) {
	if len(names) != Classes {
		panic(fmt.Sprintf("cifar.Files: want %d names of classes, got %d", Classes, len(names)))
	}
	total := int64(0)
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, fmt.Errorf("cifar: %w", err)
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("cifar: %s is not a file", path)
		}
		total += info.Size()
	}
	if limit := o.maxBytes(); total > limit {
		return nil, fmt.Errorf("cifar: the files have %d bytes, the limit is %d (Options.MaxBytes)", total, limit)
	}
	m := &labelled.Images{Height: Side, Width: Side, Channels: channels, Classes: names, Labels: []int{}}
	m.Pixels = make([]uint8, 0, total/record*channels*plane)
	for _, path := range paths {
		if err := file(m, path); err != nil {
			return nil, fmt.Errorf("cifar: %s: %w", path, err)
		}
	}
	return m, nil
}

func file(m *labelled.Images, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return Read(m, bufio.NewReaderSize(f, 1<<16), info.Size())
}

// Read appends the records in size bytes of r to m. It is an error if there are none, if the last is cut off, or if a label
// is not below 10; m then keeps what came before.
func Read(m *labelled.Images, r io.Reader, size int64) error {
	if size == 0 || size%record != 0 {
		return fmt.Errorf("has %d bytes, not a multiple of the %d of a record: "+
			"it was cut off or is not the binary version of CIFAR-10", size, record)
	}
	var rec [record]byte
	for i := range size / record {
		if _, err := io.ReadFull(r, rec[:]); err != nil {
			return fmt.Errorf("record %d: %w", i, err)
		}
		if rec[0] >= Classes {
			return fmt.Errorf("record %d has label %d, want 0 to %d: is it the binary version of CIFAR-10?", i, rec[0], Classes-1)
		}
		for p := range plane {
			for c := range channels {
				m.Pixels = append(m.Pixels, rec[1+c*plane+p])
			}
		}
		m.Labels = append(m.Labels, int(rec[0]))
	}
	return nil
}

// ClassNames reads batches.meta.txt, one name a line, and returns the names of CIFAR-10 if the folder has no such file.
func ClassNames(dir string) ([]string, error) {
	path := filepath.Join(dir, metaFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cifar: %w", err)
	}
	defer f.Close()
	names, err := ReadNames(f)
	if err != nil {
		return nil, fmt.Errorf("cifar: %s: %w", path, err)
	}
	return names, nil
}

// ReadNames reads ten names of classes, one a line. Blank lines are passed over; two equal names are an error.
func ReadNames(r io.Reader) ([]string, error) {
	const most = 1 << 16
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if len(text) > most {
		return nil, fmt.Errorf("more than %d bytes for %d names", most, Classes)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		name := strings.TrimSpace(line)
		if name == "" {
			continue
		}
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("two classes are called %q", name)
		}
		names = append(names, name)
	}
	if len(names) != Classes {
		return nil, fmt.Errorf("has %d names of classes, want %d", len(names), Classes)
	}
	return names, nil
}
