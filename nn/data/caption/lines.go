package caption

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Record is what a line says about a picture.
type Record struct {
	File     string   // path of the picture in the folder, with slashes
	Class    string   // may be empty
	Split    string   // such as "train" or "test"; may be empty
	Captions []string // at least one, none of them empty
	Line     int      // in the file, from 1; 0 if the record is not from JSON lines
}

// Options are limits on what is read, and the fields it is read from. The zero value is the usual choice.
type Options struct {
	FileField string // the JSON field that names the picture; "" means "file"

	MaxBytes   int64 // of the file; 0 means 1 GiB
	MaxLine    int   // bytes of a line; 0 means 1 MiB
	MaxCaption int   // bytes of a caption; 0 means 64 KiB
}

func (o Options) withDefaults() Options {
	if o.FileField == "" {
		o.FileField = "file"
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 30
	}
	if o.MaxLine == 0 {
		o.MaxLine = 1 << 20
	}
	if o.MaxCaption == 0 {
		o.MaxCaption = 1 << 16
	}
	return o
}

// LinesError lists what is wrong with the lines of a file: the first few of them, each with its number.
type LinesError struct {
	Errors []error
	More   int // further lines with errors
}

func (e *LinesError) Error() string {
	text := make([]string, len(e.Errors))
	for i, err := range e.Errors {
		text[i] = err.Error()
	}
	if e.More > 0 {
		text = append(text, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(text, "; ")
}

// Unwrap returns the errors of the lines.
func (e *LinesError) Unwrap() []error { return e.Errors }

const shownErrors = 10

// Open reads captions.jsonl of a folder, or the file at path itself, whose pictures are in the folder it lies in. Records
// that are wrong in any way are an error, a [*LinesError] if it is about lines.
func Open(path string, o Options) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("caption: %w", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, "captions.jsonl")
		if info, err = os.Stat(path); err != nil {
			return nil, fmt.Errorf("caption: %w", err)
		}
	}
	o = o.withDefaults()
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("caption: %s is not a file", path)
	case info.Size() > o.MaxBytes:
		return nil, fmt.Errorf("caption: %s has %d bytes, the limit is %d (Options.MaxBytes)", path, info.Size(), o.MaxBytes)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("caption: %w", err)
	}
	defer f.Close()
	records, err := Read(f, o)
	if err != nil {
		return nil, fmt.Errorf("caption: %s: %w", path, err)
	}
	return newSet(filepath.Dir(path), records), nil
}

// Read reads records, one a line. Blank lines and unknown fields are passed over. A line is wrong if it is too long, is not
// UTF-8 or not one JSON object, names no picture or one outside the folder, or has no caption, or an empty or overlong one;
// captions are in "captions", a list, or "caption", a string. Wrong lines do not stop the reading; they are all counted in
// the [*LinesError] that is returned.
func Read(r io.Reader, o Options) ([]Record, error) {
	o = o.withDefaults()
	in := bufio.NewReaderSize(io.LimitReader(r, o.MaxBytes+1), 1<<16)
	var records []Record
	var bad LinesError
	seen := map[string]int{}
	total := int64(0)
	for number := 1; ; number++ {
		line, length, err := readLine(in, o.MaxLine)
		total += length
		if total > o.MaxBytes {
			return nil, fmt.Errorf("more than the limit of %d bytes (Options.MaxBytes)", o.MaxBytes)
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLong) {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		text := bytes.TrimSpace(line)
		var problem error
		switch {
		case errors.Is(err, errLong):
			problem = fmt.Errorf("%d bytes, the limit is %d (Options.MaxLine)", length, o.MaxLine)
		case len(text) > 0:
			var rec Record
			rec, problem = o.parse(text)
			rec.Line = number
			if first, ok := seen[rec.File]; problem == nil && ok {
				problem = fmt.Errorf("%q is on line %d already", rec.File, first)
			}
			if problem == nil {
				seen[rec.File] = number
				records = append(records, rec)
			}
		}
		if problem != nil {
			if len(bad.Errors) < shownErrors {
				bad.Errors = append(bad.Errors, fmt.Errorf("line %d: %w", number, problem))
			} else {
				bad.More++
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if len(bad.Errors) > 0 {
		return nil, &bad
	}
	if len(records) == 0 {
		return nil, errors.New("holds no records")
	}
	return records, nil
}

var errLong = errors.New("line too long")

// readLine returns a line without its end, and its length with it. An overlong line is read to its end and not kept.
func readLine(in *bufio.Reader, most int) (line []byte, length int64, err error) {
	long := false
	for {
		part, err := in.ReadSlice('\n')
		length += int64(len(part))
		if long = long || len(line)+len(bytes.TrimRight(part, "\r\n")) > most; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil && long, errors.Is(err, io.EOF) && long:
			// An overlong last line ends the file at the next call.
			return nil, length, errLong
		default:
			return line, length, err
		}
	}
}

// parse decodes a line.
func (o Options) parse(line []byte) (rec Record, err error) {
	if !utf8.Valid(line) {
		return rec, fmt.Errorf("byte %d is not UTF-8 (0x%02x): save the file as UTF-8", invalidAt(line)+1, line[invalidAt(line)])
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return rec, fmt.Errorf("not a JSON object: %w", err)
	}
	if fields == nil {
		return rec, errors.New("not a JSON object: null")
	}
	for _, f := range []struct {
		name string
		into *string
	}{{o.FileField, &rec.File}, {"class", &rec.Class}, {"split", &rec.Split}} {
		if raw, ok := fields[f.name]; ok {
			if err := unquote(raw, f.into); err != nil {
				return rec, fmt.Errorf("%q: %w", f.name, err)
			}
		}
	}
	switch {
	case rec.File == "":
		return rec, fmt.Errorf("no %q: every line must name its picture", o.FileField)
	case !filepath.IsLocal(filepath.FromSlash(rec.File)):
		return rec, fmt.Errorf("%q is not a path within the folder", rec.File)
	}
	list, hasList := fields["captions"]
	one, hasOne := fields["caption"]
	switch {
	case hasList && hasOne:
		return rec, errors.New(`both "caption" and "captions": leave one out`)
	case hasOne:
		list = append(append([]byte("["), one...), ']')
	case !hasList:
		return rec, errors.New(`no "captions" and no "caption"`)
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(list, &raws); err != nil {
		return rec, errors.New(`"captions" is not a list`)
	}
	if len(raws) == 0 {
		return rec, errors.New(`"captions" is empty: a picture needs at least one`)
	}
	for i, raw := range raws {
		var c string
		if err := unquote(raw, &c); err != nil {
			return rec, fmt.Errorf("caption %d: %w", i+1, err)
		}
		switch c = strings.TrimSpace(c); {
		case c == "":
			return rec, fmt.Errorf("caption %d is empty", i+1)
		case len(c) > o.MaxCaption:
			return rec, fmt.Errorf("caption %d has %d bytes, the limit is %d (Options.MaxCaption)", i+1, len(c), o.MaxCaption)
		}
		rec.Captions = append(rec.Captions, c)
	}
	return rec, nil
}

// unquote decodes a JSON string. encoding/json puts U+FFFD where an escape is half of a surrogate pair; that is an error.
func unquote(raw json.RawMessage, into *string) error {
	if len(raw) == 0 || raw[0] != '"' {
		return fmt.Errorf("want a string, got %.20s", raw)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return err
	}
	if strings.ContainsRune(*into, utf8.RuneError) && !bytes.ContainsRune(raw, utf8.RuneError) &&
		!bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
		return errSurrogate
	}
	return nil
}

var errSurrogate = errors.New(`an escape \ud800 to \udfff stands alone: the text is broken`)
