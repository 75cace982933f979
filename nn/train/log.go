package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// logName is the file of a run's folder that has a record on each line.
const logName = "log.jsonl"

// writeRecord writes a record and its line break at once, so that a killed run leaves at most one line torn.
func writeRecord(w io.Writer, r Record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// ReadLog returns the records of the run in dir: the lines of its log.jsonl, without those that are damaged and a last one
// that is torn. Without a log there are none.
func ReadLog(dir string) ([]Record, error) {
	l, err := readLog(filepath.Join(dir, logName), math.MaxInt)
	return l.records, err
}

// logged is what a log holds up to a step.
type logged struct {
	records []Record
	kept    []byte // their lines
	damaged []int  // numbers of the lines between them that are no records, from 1
	whole   bool   // nothing is missing in kept
}

func readLog(name string, step int) (l logged, err error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return logged{whole: true}, nil
	}
	if err != nil {
		return l, fmt.Errorf("train: log: %w", err)
	}
	at := 0
	for line := range bytes.Lines(text) {
		at++
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // torn when the run was killed
		}
		var r Record
		if json.Unmarshal(line, &r) != nil {
			l.damaged = append(l.damaged, at)
			continue
		}
		if r.Step > step {
			break // of the future; all that follows was written later
		}
		l.records = append(l.records, r)
		l.kept = append(l.kept, line...)
	}
	l.whole = len(l.kept) == len(text)
	return l, nil
}

// cutLog removes from a log what lies after a step, which the run is about to do again, and lines that are damaged, of which
// it tells w; it returns the rest. -1 removes everything.
func cutLog(name string, step int, w io.Writer) ([]Record, error) {
	l, err := readLog(name, step)
	if err != nil || l.whole {
		return l.records, err
	}
	if len(l.damaged) > 0 && len(l.records) > 0 {
		fmt.Fprintf(w, "%s: left out what is no record: line %d", name, l.damaged[0])
		if n := len(l.damaged) - 1; n > 0 {
			fmt.Fprintf(w, " and %d more", n)
		}
		fmt.Fprintln(w)
	}
	return l.records, writeFile(name, l.kept)
}
