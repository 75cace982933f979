package coco

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gander-ml/gander/nn/data/caption"
)

// Read reads a file of captions, entry by entry: it keeps names and captions, and nothing else of it. Records have the file's
// name of a picture, and neither class nor split; they are in the order of "images". The number is that of the captions that
// were repaired.
//
// Errors are a picture without captions, a caption of no picture, one that Options.Text does not allow, two pictures with one
// id or name, and anything that is no such file.
func Read(r io.Reader, o Options) (records []caption.Record, repaired int, err error) {
	o = o.withDefaults()
	if o.PerPicture < 0 {
		panic(fmt.Sprintf("coco: %d captions of a picture", o.PerPicture))
	}
	in := &reader{options: o, source: &budget{r: io.LimitReader(r, o.MaxBytes+1), limit: o.MaxEntry}, captions: map[int64][]string{},
		places: map[int64]int{}, names: map[string]bool{}}
	in.json = json.NewDecoder(in.source)
	if err := in.file(); err != nil {
		if in.source.total > o.MaxBytes {
			err = fmt.Errorf("more than the limit of %d bytes (Options.MaxBytes)", o.MaxBytes)
		}
		return nil, 0, err
	}
	return in.join()
}

// budget fails when more is read for one entry than is allowed, before the decoder's buffer grows with it.
type budget struct {
	r     io.Reader
	limit int
	left  int
	total int64
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("an entry of more than %d bytes, the limit (Options.MaxEntry)", b.limit)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	b.total += int64(n)
	return n, err
}

type reader struct {
	options  Options
	source   *budget
	json     *json.Decoder
	records  []caption.Record
	ids      []int64
	places   map[int64]int // of an id in records
	names    map[string]bool
	captions map[int64][]string
	repaired int
}

func (in *reader) token() (json.Token, error) {
	in.source.left = in.source.limit
	t, err := in.json.Token()
	return t, plain(err)
}

// plain makes errors of encoding/json shorter, and the end of a file an error like others.
func plain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends too early: it was cut off")
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// file reads the object that the file is.
func (in *reader) file() error {
	t, err := in.token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return fmt.Errorf(`begins with %.40v, want an object with "images" and "annotations"`, t)
	}
	seen := map[string]bool{}
	for in.json.More() {
		t, err := in.token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		switch name {
		case "images":
			err = in.list(name, in.image)
		case "annotations":
			err = in.list(name, in.annotation)
		default:
			err = in.skip()
		}
		if err != nil {
			return err
		}
		if seen[name] && (name == "images" || name == "annotations") {
			return fmt.Errorf("%q is there twice", name)
		}
		seen[name] = true
	}
	if _, err := in.token(); err != nil {
		return err
	}
	in.source.left = in.source.limit
	if _, err := in.json.Token(); !errors.Is(err, io.EOF) {
		return errors.New("goes on after its object")
	}
	for _, name := range []string{"images", "annotations"} {
		if !seen[name] {
			return fmt.Errorf("no %q: it is no file of captions", name)
		}
	}
	return nil
}

// list calls f for each entry of a list.
func (in *reader) list(name string, f func() error) error {
	t, err := in.token()
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if t != json.Delim('[') {
		return fmt.Errorf("%q is not a list", name)
	}
	number := 0
	for ; in.more(); number++ {
		if err := f(); err != nil {
			return fmt.Errorf("entry %d of %q: %w", number+1, name, err)
		}
	}
	if _, err = in.token(); err != nil {
		return fmt.Errorf("%q after %d entries: %w", name, number, err)
	}
	return nil
}

// more looks past spaces, which count for the next entry.
func (in *reader) more() bool {
	in.source.left = in.source.limit
	return in.json.More()
}

func (in *reader) entry(into any) error {
	in.source.left = in.source.limit
	return plain(in.json.Decode(into))
}

func (in *reader) image() error {
	var e struct {
		ID   *int64 `json:"id"`
		File string `json:"file_name"`
	}
	if err := in.entry(&e); err != nil {
		return err
	}
	switch {
	case e.ID == nil:
		return errors.New(`no "id"`)
	case e.File == "":
		return errors.New(`no "file_name"`)
	case !filepath.IsLocal(filepath.FromSlash(e.File)) || strings.ContainsRune(e.File, utf8.RuneError):
		return fmt.Errorf("%q is not a path within the folder of pictures", e.File)
	case in.names[e.File]:
		return fmt.Errorf("a second picture %q", e.File)
	}
	if _, ok := in.places[*e.ID]; ok {
		return fmt.Errorf("a second picture with the id %d", *e.ID)
	}
	in.places[*e.ID], in.names[e.File] = len(in.records), true
	in.records, in.ids = append(in.records, caption.Record{File: e.File}), append(in.ids, *e.ID)
	return nil
}

func (in *reader) annotation() error {
	var e struct {
		Image   *int64          `json:"image_id"`
		Caption json.RawMessage `json:"caption"`
	}
	if err := in.entry(&e); err != nil {
		return err
	}
	switch {
	case e.Image == nil:
		return errors.New(`no "image_id"`)
	case e.Caption == nil:
		return errors.New(`no "caption": the file is of boxes or points, not of captions`)
	}
	c, mended, err := in.options.Text.JSONCaption(e.Caption)
	if err != nil {
		return fmt.Errorf(`"caption" of picture %d: %w`, *e.Image, err)
	}
	if mended {
		in.repaired++
	}
	all := in.captions[*e.Image]
	if c != "" && (in.options.PerPicture == 0 || len(all) < in.options.PerPicture) {
		all = append(all, c)
	}
	in.captions[*e.Image] = all // a picture is named here even if its captions are all left out
	return nil
}

// maxDepth is how deep what is passed over may be.
const maxDepth = 100

// skip passes over a value.
func (in *reader) skip() error {
	for depth := 0; ; {
		t, err := in.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxDepth {
				return fmt.Errorf("lists and objects more than %d deep", maxDepth)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// join puts captions to their pictures.
func (in *reader) join() ([]caption.Record, int, error) {
	for i, id := range in.ids {
		if in.records[i].Captions = in.captions[id]; len(in.records[i].Captions) == 0 {
			return nil, 0, fmt.Errorf("picture %d (%s) has no caption", id, in.records[i].File)
		}
		delete(in.captions, id)
	}
	if len(in.captions) > 0 {
		return nil, 0, fmt.Errorf(`a caption of picture %d, which is not in "images"`, slices.Min(slices.Collect(maps.Keys(in.captions))))
	}
	if len(in.records) == 0 {
		return nil, 0, errors.New("holds no pictures")
	}
	return in.records, in.repaired, nil
}
