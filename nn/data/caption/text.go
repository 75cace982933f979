package caption

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// TextOptions say what captions may be, for readers of other files than JSON lines. The zero value is the usual choice, and
// that of [Read], which has no other: what is wrong with a caption is an error.
type TextOptions struct {
	MaxBytes   int64 // of a text file; 0 means 1 MiB
	MaxCaption int   // bytes of a caption; 0 means 64 KiB

	// Repair puts a space for every run of bytes that is not UTF-8, and leaves out empty captions. The captions of CUB as
	// published need it: some were saved in another encoding.
	Repair bool
}

// ErrBroken is in the errors about captions that TextOptions.Repair would repair or leave out.
var ErrBroken = errors.New("or set TextOptions.Repair")

func (o TextOptions) withDefaults() TextOptions {
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 20
	}
	if o.MaxCaption == 0 {
		o.MaxCaption = 1 << 16
	}
	return o
}

// Caption returns a caption without the spaces around it, and whether it was repaired. What is not UTF-8, empty, or longer than
// the limit is an error; the first two are not with Repair, which returns "" for a caption to leave out.
func (o TextOptions) Caption(text []byte) (caption string, repaired bool, err error) {
	o = o.withDefaults()
	if len(text) > o.MaxCaption {
		if text = bytes.TrimSpace(text); len(text) > o.MaxCaption {
			return "", false, fmt.Errorf("has %d bytes, the limit is %d (TextOptions.MaxCaption)", len(text), o.MaxCaption)
		}
	}
	if at := invalidAt(text); at < len(text) {
		if !o.Repair {
			return "", false, fmt.Errorf("byte %d is not UTF-8 (0x%02x): save the file as UTF-8, %w", at+1, text[at], ErrBroken)
		}
		text, repaired = bytes.ToValidUTF8(text, []byte(" ")), true
	}
	if text = bytes.TrimSpace(text); len(text) == 0 {
		if !o.Repair {
			return "", false, fmt.Errorf("is empty: write one, %w", ErrBroken)
		}
		repaired = true
	}
	return string(text), repaired, nil
}

// ReadText reads the captions of one picture, one a line, and how many of them were repaired. Blank lines are passed over; a
// file without captions is an error.
func ReadText(r io.Reader, o TextOptions) (captions []string, repaired int, err error) {
	o = o.withDefaults()
	b, err := io.ReadAll(io.LimitReader(r, o.MaxBytes+1))
	switch {
	case err != nil:
		return nil, 0, err
	case int64(len(b)) > o.MaxBytes:
		return nil, 0, fmt.Errorf("more than the limit of %d bytes (TextOptions.MaxBytes)", o.MaxBytes)
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	number := 0
	for line := range bytes.Lines(b) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		c, mended, err := o.Caption(line)
		if err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", number, err)
		}
		if mended {
			repaired++
		}
		if c != "" {
			captions = append(captions, c)
		}
	}
	if len(captions) == 0 {
		return nil, 0, errors.New("holds no captions: want one a line")
	}
	return captions, repaired, nil
}

// OpenText reads the captions of one picture from the file at path, as [ReadText] does.
func OpenText(path string, o TextOptions) (captions []string, repaired int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("caption: %w", err)
	}
	defer f.Close()
	if captions, repaired, err = ReadText(f, o); err != nil {
		return nil, 0, fmt.Errorf("caption: %s: %w", path, err)
	}
	return captions, repaired, nil
}

// invalidAt returns where the first byte is that is not UTF-8, or the length.
func invalidAt(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// JSONCaption returns a caption as [TextOptions.Caption] does, from a string of JSON with its quotes. A half of a surrogate
// pair is as wrong as bytes that are not UTF-8.
func (o TextOptions) JSONCaption(raw []byte) (caption string, repaired bool, err error) {
	if at := invalidAt(raw); at < len(raw) {
		if !o.Repair {
			return "", false, fmt.Errorf("byte %d is not UTF-8 (0x%02x): save the file as UTF-8, %w", at, raw[at], ErrBroken)
		}
		raw, repaired = bytes.ToValidUTF8(raw, []byte(" ")), true
	}
	var text string
	switch err := unquote(raw, &text); {
	case errors.Is(err, errSurrogate) && o.Repair:
		text, repaired = strings.ReplaceAll(text, "\ufffd", " "), true
	case errors.Is(err, errSurrogate):
		return "", false, fmt.Errorf("%w: write it anew, %w", err, ErrBroken)
	case err != nil:
		return "", false, err
	}
	text, again, err := o.Caption([]byte(text))
	return text, repaired || again, err
}
