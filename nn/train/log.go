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

// ReadLog returns the records of the run in dir: its log.jsonl, up to a line that is torn. Without a log there are none.
func ReadLog(dir string) ([]Record, error) {
	records, _, _, err := readLog(filepath.Join(dir, logName), math.MaxInt)
	return records, err
}

// readLog returns the records of a log up to a step, how many bytes of it they are, and all of it.
func readLog(name string, step int) (records []Record, kept int, text []byte, err error) {
	text, err = os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil, nil
	}
	if err != nil {
		return nil, 0, nil, fmt.Errorf("train: log: %w", err)
	}
	for line := range bytes.Lines(text) {
		var r Record
		if !bytes.HasSuffix(line, []byte("\n")) || json.Unmarshal(line, &r) != nil || r.Step > step {
			break // torn, or of the future; all that follows was written later
		}
		records = append(records, r)
		kept += len(line)
	}
	return records, kept, text, nil
}

// cutLog removes from a log what lies after a step, which the run is about to do again, and returns the rest. -1 removes
// everything.
func cutLog(name string, step int) ([]Record, error) {
	records, kept, text, err := readLog(name, step)
	if err != nil || kept == len(text) {
		return records, err
	}
	return records, writeFile(name, text[:kept])
}
