package train

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/nn/train/internal/tfevents"
	"golang.org/x/term"
)

// output is what a run writes while it goes on: the log in several forms, the pictures and the bar. Without a folder only the bar.
type output struct {
	dir     string
	log     *os.File
	table   *table           // nil without log.csv
	events  *tfevents.Writer // nil without event files
	records []Record         // of the whole run, for the curves
	drawn   time.Time        // when the curves were; at first, when the run was opened
	bar     *bar
}

// record adds a record to the log. log.jsonl comes first: it is what the others are made of when the run goes on.
func (o *output) record(r Record) error {
	o.records = append(o.records, r)
	if o.log == nil {
		return nil
	}
	if err := writeRecord(o.log, r); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	if o.table != nil {
		if err := o.table.add(o.records); err != nil {
			return err
		}
	}
	if o.events != nil {
		if err := o.events.Scalars(r.Step, r.numbers()); err != nil {
			return fmt.Errorf("train: events: %w", err)
		}
	}
	return nil
}

// sample writes a picture.
func (o *output) sample(step int, m image.Image) error {
	if o.dir == "" || m == nil {
		return nil
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return fmt.Errorf("train: sample at step %d: %w", step, err)
	}
	name := filepath.Join(o.dir, "samples", fmt.Sprintf("step-%06d.png", step))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := writeFile(name, b.Bytes()); err != nil {
		return err
	}
	if o.events != nil {
		size := m.Bounds().Size()
		if err := o.events.Picture(step, tfevents.Picture{Tag: "samples", Height: size.Y, Width: size.X, PNG: b.Bytes()}); err != nil {
			return fmt.Errorf("train: events: %w", err)
		}
	}
	return nil
}

// show moves the bar.
func (o *output) show(step, steps int, m *meter) {
	if o.bar != nil {
		o.bar.show(step, steps, m)
	}
}

// close ends the bar and the log.
func (o *output) close() error {
	if o.bar != nil {
		o.bar.close()
	}
	if o.log == nil {
		return nil
	}
	var failed []error
	if err := o.log.Close(); err != nil {
		failed = append(failed, fmt.Errorf("train: log: %w", err))
	}
	if err := o.table.close(); err != nil {
		failed = append(failed, err)
	}
	if o.events != nil {
		if err := o.events.Close(); err != nil {
			failed = append(failed, fmt.Errorf("train: events: %w", err))
		}
	}
	return errors.Join(failed...)
}

// writeFile writes a file whole or not at all.
func writeFile(name string, content []byte) error {
	err := atomicfile.Write(name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// isTerminal reports whether w shows what is written to a person.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// sync waits until the log is on the disk.
func (o *output) sync() error {
	if err := o.log.Sync(); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	return nil
}
