package tfevents

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Writer writes one file of events in a folder, for one part of a run. The file comes into being with the first event; files that
// are there already are left as they are. TensorBoard reads all files of a folder in the order of their names.
type Writer struct {
	Dir  string
	From int // the step that this part of the run begins with: what earlier files hold from there on is void

	file *os.File
	err  error // the first one; after it nothing is written, since a torn record hides all that follows
}

// Scalars writes numbers of a step. Each call is one write, so that a killed run leaves at most one record torn, the last.
func (w *Writer) Scalars(step int, scalars []Scalar) error {
	if len(scalars) == 0 {
		return nil
	}
	return w.write(scalarsEvent(time.Now(), step, scalars))
}

// Picture writes a picture of a step.
func (w *Writer) Picture(step int, p Picture) error {
	return w.write(pictureEvent(time.Now(), step, p))
}

func (w *Writer) write(event []byte) error {
	if w.err != nil {
		return w.err
	}
	var out []byte
	if w.file == nil {
		earlier, err := w.create()
		if err != nil {
			w.err = err
			return err
		}
		out = appendRecord(out, versionEvent(time.Now()))
		if earlier {
			out = appendRecord(out, startEvent(time.Now(), w.From))
		}
	}
	_, w.err = w.file.Write(appendRecord(out, event))
	return w.err
}

// prefix is what TensorBoard knows event files by.
const prefix = "events.out.tfevents."

// create makes the file, with a name behind those that are there, and reports whether there are any.
func (w *Writer) create() (earlier bool, err error) {
	entries, err := os.ReadDir(w.Dir)
	if err != nil {
		return false, err
	}
	number := time.Now().Unix()
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix)
		if !ok {
			continue
		}
		earlier = true
		digits, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n < 1e10-1 {
			number = max(number, n+1)
		}
	}
	for ; ; number++ {
		name := filepath.Join(w.Dir, fmt.Sprintf("%s%010d.gander", prefix, number))
		w.file, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return earlier, err
		}
	}
}

// Close closes the file, if there is one.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}
