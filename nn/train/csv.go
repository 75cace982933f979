package train

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// csvName is the file of a run's folder that has the log as a table.
const csvName = "log.csv"

// table is log.csv: a row for each record, and a column for each number that any record has had so far, in the order of their
// appearance. It holds nothing that log.jsonl does not, and is made of that anew when a run goes on.
type table struct {
	name    string
	columns []string
	at      map[string]int // column of a number
	file    *os.File
}

// newTable writes the table of the records so far.
func newTable(dir string, records []Record) (*table, error) {
	t := &table{name: filepath.Join(dir, csvName), columns: []string{"step", "seconds"}, at: map[string]int{}}
	return t, t.rewrite(records)
}

// add writes the last of the records. When it has a number that is new, a column is added to the table, whose earlier rows have nothing
// in it.
func (t *table) add(records []Record) error {
	r := records[len(records)-1]
	for _, n := range r.numbers() {
		if _, ok := t.at[n.Tag]; !ok {
			return t.rewrite(records)
		}
	}
	var b bytes.Buffer
	if err := t.write(&b, records[len(records)-1:]); err != nil {
		return err
	}
	if _, err := t.file.Write(b.Bytes()); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	return nil
}

// rewrite writes the whole table, with the columns that the records need.
func (t *table) rewrite(records []Record) error {
	for _, r := range records {
		for _, n := range r.numbers() {
			if _, ok := t.at[n.Tag]; !ok {
				t.at[n.Tag] = len(t.columns)
				t.columns = append(t.columns, n.Tag)
			}
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(t.columns); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	w.Flush()
	if err := t.write(&b, records); err != nil {
		return err
	}
	if err := t.close(); err != nil {
		return err
	}
	if err := writeFile(t.name, b.Bytes()); err != nil {
		return err
	}
	var err error
	if t.file, err = os.OpenFile(t.name, os.O_WRONLY|os.O_APPEND, 0o666); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	return nil
}

// write writes rows.
func (t *table) write(to *bytes.Buffer, records []Record) error {
	w := csv.NewWriter(to)
	for _, r := range records {
		row := make([]string, len(t.columns))
		row[0], row[1] = strconv.Itoa(r.Step), strconv.FormatFloat(r.Seconds, 'g', -1, 64)
		for _, n := range r.numbers() {
			row[t.at[n.Tag]] = "NaN" // as in log.jsonl, which does not tell it from an infinity either
			if finite(n.Value) {
				row[t.at[n.Tag]] = strconv.FormatFloat(n.Value, 'g', -1, 64)
			}
		}
		if err := w.Write(row); err != nil {
			return fmt.Errorf("train: log: %w", err)
		}
	}
	w.Flush()
	return nil
}

func (t *table) close() error {
	if t == nil || t.file == nil {
		return nil
	}
	f := t.file
	t.file = nil
	if err := f.Close(); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	return nil
}
