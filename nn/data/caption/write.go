package caption

import (
	"encoding/json"
	"io"
)

// Write writes records as [Read] reads them.
func Write(w io.Writer, records []Record) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, r := range records {
		line := struct {
			File     string   `json:"file"`
			Class    string   `json:"class,omitempty"`
			Split    string   `json:"split,omitempty"`
			Captions []string `json:"captions"`
		}{r.File, r.Class, r.Split, r.Captions}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
