package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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

// cutLog removes from a log what lies after a step, which the run is about to do again, and returns the rest. -1 removes
// everything.
func cutLog(name string, step int) ([]Record, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("train: log: %w", err)
	}
	var records []Record
	kept := 0
	for line := range bytes.Lines(text) {
		var r Record
		if !bytes.HasSuffix(line, []byte("\n")) || json.Unmarshal(line, &r) != nil || r.Step > step {
			break // torn, or of the future; all that follows was written later
		}
		records = append(records, r)
		kept += len(line)
	}
	if kept == len(text) {
		return records, nil
	}
	return records, writeFile(name, text[:kept])
}
