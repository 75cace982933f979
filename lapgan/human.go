package lapgan

import (
	"bytes"
	_ "embed" // for the page
	"encoding/base64"
	"fmt"
	"html/template"
	"image/png"
	"io"
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// HumanTest shows people pictures from several sources for short times and asks whether they are real. Denton et al. 2015,
// §5.3: 15 volunteers, four sources, exposures of 50 to 2000 ms, a grey mask before and after.
type HumanTest struct {
	Sources   []Source
	Trials    int   // pictures that a person judges; 0 means 11 of each source
	Exposures []int // in milliseconds; nil means eleven from 50 to 2000, at about equal ratios
	Side      int   // of a picture on the screen, in pixels; 0 means 256
}

// Source is pictures of one origin, such as "real" or "LAPGAN".
type Source struct {
	Name   string
	Images *tensor.Tensor // (N,H,W,1) or (N,H,W,3) in [0,1]
}

//go:embed human.html
var humanPage string

// trial is what a person is shown once.
type trial struct {
	Picture  int
	Source   string
	Exposure int
}

// Write writes the test as a page that needs no network: pictures are inside it, and the answers become a file answers.csv
// for [ReadAnswers]. The order is random; sources and exposures are balanced, and a picture is not shown twice as long as
// there are others of its source. Draw another page for every person.
func (h HumanTest) Write(w io.Writer, rng *rand.Rand) error {
	if len(h.Sources) == 0 {
		return fmt.Errorf("lapgan: a human test without sources")
	}
	exposures := h.Exposures
	if exposures == nil {
		exposures = []int{50, 75, 100, 150, 200, 300, 400, 650, 1000, 1500, 2000}
	}
	page := struct {
		Trials   []trial
		Pictures []template.URL
		Side     int
	}{Side: orElse(h.Side, 256)}
	orders := make([][]int, len(h.Sources))
	for i := range orElse(h.Trials, 11*len(h.Sources)) {
		k := i % len(h.Sources)
		s := h.Sources[k]
		if s.Images == nil || s.Images.Rank() != 4 || s.Images.Dim(0) == 0 {
			return fmt.Errorf("lapgan: source %q of a human test has no pictures", s.Name)
		}
		if len(orders[k]) == 0 {
			orders[k] = rng.Perm(s.Images.Dim(0))
		}
		at := orders[k][0]
		orders[k] = orders[k][1:]
		url, err := dataURL(s.Images.Rows(at, at+1).Reshape(s.Images.Shape()[1:]...))
		if err != nil {
			return err
		}
		page.Trials = append(page.Trials, trial{len(page.Pictures), s.Name, exposures[i/len(h.Sources)%len(exposures)]})
		page.Pictures = append(page.Pictures, url)
	}
	rng.Shuffle(len(page.Trials), func(i, j int) { page.Trials[i], page.Trials[j] = page.Trials[j], page.Trials[i] })
	t, err := template.New("human").Parse(humanPage)
	if err != nil {
		return fmt.Errorf("lapgan: %w", err)
	}
	return t.Execute(w, page)
}

// dataURL returns a picture (H,W,C) as an address that holds it.
func dataURL(x *tensor.Tensor) (template.URL, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, imaging.ToImage(tensor.Clamp(x, 0, 1))); err != nil {
		return "", fmt.Errorf("lapgan: %w", err)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}
