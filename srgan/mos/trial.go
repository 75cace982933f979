package mos

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// Picture is a version of an image: what a method made of it.
type Picture struct {
	Image  string         // which image it is of
	Method string         // how it was made, such as SRGAN, or the original
	Pixels *tensor.Tensor // (H,W,3) with values in [0,1]
}

// Options are the choices of [New].
type Options struct {
	Seed uint64 // of the names of pictures

	// Worst and Best name methods whose pictures are shown first, as examples of ratings 1 and 5. The paper calibrates its
	// raters by nearest-neighbour interpolation and originals. Empty means no examples.
	Worst, Best string
	Examples    int // pictures of each; 0 means 3. They are of the first images, and are rated again later

	Title string // of the page; "" means "Picture quality"
}

// Trial is a set of pictures to be rated.
type Trial struct {
	key      Key
	pictures map[string]*tensor.Tensor // by name
	title    string
	examples []example
}

// Key tells what the pictures of a trial are. It is what key.json holds.
type Key struct {
	Pictures map[string]Entry `json:"pictures"` // by the name that the page knows
}

// Entry is what a picture is.
type Entry struct {
	Image  string `json:"image"`
	Method string `json:"method"`
}

// example is a picture that is shown with its rating.
type example struct {
	Name   string `json:"name"`
	Rating int    `json:"rating"`
}

// New prepares a trial. It is an error if there is no picture, if two are of the same image and method, or if Worst or Best
// names a method without pictures.
func New(pictures []Picture, opts Options) (*Trial, error) {
	if len(pictures) == 0 {
		return nil, fmt.Errorf("mos: no pictures to rate")
	}
	t := &Trial{key: Key{map[string]Entry{}}, pictures: map[string]*tensor.Tensor{}, title: opts.Title}
	if t.title == "" {
		t.title = "Picture quality"
	}
	// A permutation gives names without meaning and without repetition.
	order := rand.New(rand.NewPCG(opts.Seed, 1)).Perm(len(pictures))
	names := map[Entry]string{}
	for i, p := range pictures {
		if p.Pixels == nil || p.Pixels.Rank() != 3 || p.Pixels.Dim(2) != 3 {
			panic(fmt.Sprintf("mos.New: picture %d is not (H,W,3)", i))
		}
		e := Entry{p.Image, p.Method}
		if names[e] != "" {
			return nil, fmt.Errorf("mos: two pictures of %q by %q", p.Image, p.Method)
		}
		name := fmt.Sprintf("picture-%04d", order[i]+1)
		names[e], t.key.Pictures[name], t.pictures[name] = name, e, p.Pixels
	}
	count := opts.Examples
	if count == 0 {
		count = 3
	}
	for _, end := range []struct {
		method string
		rating int
	}{{opts.Worst, 1}, {opts.Best, 5}} {
		if end.method == "" {
			continue
		}
		of := 0
		for _, p := range pictures {
			if p.Method == end.method && of < count {
				t.examples = append(t.examples, example{names[Entry{p.Image, p.Method}], end.rating})
				of++
			}
		}
		if of == 0 {
			return nil, fmt.Errorf("mos: no picture by %q, which is to be an example of rating %d", end.method, end.rating)
		}
	}
	return t, nil
}

// Key returns what the pictures are.
func (t *Trial) Key() Key { return t.key }

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// html returns the page, which refers to the pictures by name.
func (t *Trial) html() ([]byte, error) {
	var names []string
	for name := range t.pictures {
		names = append(names, name)
	}
	slices.Sort(names)
	var b bytes.Buffer
	err := page.Execute(&b, struct {
		Title    string
		Names    []string
		Examples []example
	}{t.title, names, t.examples})
	return b.Bytes(), err
}

// Write writes the trial to a folder: public/index.html and public/pictures for the raters, and key.json. The folder is made
// if it is not there.
func (t *Trial) Write(dir string) error {
	text, err := t.html()
	if err != nil {
		return fmt.Errorf("mos: %w", err)
	}
	folder := filepath.Join(dir, "public", "pictures")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("mos: %w", err)
	}
	for name, pixels := range t.pictures {
		if err := imaging.Save(filepath.Join(folder, name+".png"), &imaging.Image{Pixels: pixels}, imaging.EncodeOptions{}); err != nil {
			return fmt.Errorf("mos: %w", err)
		}
	}
	key, err := json.MarshalIndent(t.key, "", "\t")
	if err != nil {
		return fmt.Errorf("mos: %w", err)
	}
	for path, b := range map[string][]byte{filepath.Join(dir, "public", "index.html"): text, filepath.Join(dir, "key.json"): append(key, '\n')} {
		err := atomicfile.Write(path, func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		})
		if err != nil {
			return fmt.Errorf("mos: %w", err)
		}
	}
	return nil
}
