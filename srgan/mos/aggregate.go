package mos

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Ratings are those of one rater, as the page saves them.
type Ratings struct {
	Rater   string   `json:"rater"`
	Ratings []Rating `json:"ratings"`
}

// Rating is what a rater gave a picture.
type Rating struct {
	Picture string  `json:"picture"`
	Rating  int     `json:"rating"`  // 1 to 5
	Seconds float64 `json:"seconds"` // how long the picture was looked at
}

// maxFile bounds the text of a file of ratings or of a key.
const maxFile = 64 << 20

// ReadRatings reads a file that the page saved.
func ReadRatings(r io.Reader) (Ratings, error) {
	var out Ratings
	return out, decode(r, &out)
}

// ReadKey reads key.json.
func ReadKey(r io.Reader) (Key, error) {
	var out Key
	return out, decode(r, &out)
}

func decode(r io.Reader, v any) error {
	d := json.NewDecoder(io.LimitReader(r, maxFile))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("mos: %w", err)
	}
	return nil
}

// Score is the mean opinion of a method.
type Score struct {
	Method  string
	Mean    float64
	Low     float64 // of the 95 % confidence interval of the mean, NaN for a single rater
	High    float64
	Raters  int
	Ratings int
	Counts  [5]int // of the ratings 1 to 5
}

// Aggregate returns the score of each method, the best first. The ratings of one rater are not independent, so raters are the
// sample: the mean is that of the raters' own means, and the interval is Student's over them. It is an error if a rater
// occurs twice, rated a picture twice or one that the key does not know, or gave no rating from 1 to 5.
func Aggregate(key Key, all []Ratings) ([]Score, error) {
	means := map[string][]float64{}
	scores := map[string]*Score{}
	raters := map[string]bool{}
	for _, r := range all {
		if raters[r.Rater] {
			return nil, fmt.Errorf("mos: two files are of rater %q", r.Rater)
		}
		raters[r.Rater] = true
		own := map[string][]float64{}
		seen := map[string]bool{}
		for _, v := range r.Ratings {
			e, ok := key.Pictures[v.Picture]
			switch {
			case !ok:
				return nil, fmt.Errorf("mos: rater %q rated %q, which is not in the key", r.Rater, v.Picture)
			case seen[v.Picture]:
				return nil, fmt.Errorf("mos: rater %q rated %q twice", r.Rater, v.Picture)
			case v.Rating < 1 || v.Rating > 5:
				return nil, fmt.Errorf("mos: rater %q gave %q the rating %d; want 1 to 5", r.Rater, v.Picture, v.Rating)
			}
			seen[v.Picture] = true
			own[e.Method] = append(own[e.Method], float64(v.Rating))
			s := scores[e.Method]
			if s == nil {
				s = &Score{Method: e.Method}
				scores[e.Method] = s
			}
			s.Ratings++
			s.Counts[v.Rating-1]++
		}
		for method, ratings := range own {
			means[method] = append(means[method], stat.Mean(ratings, nil))
		}
	}
	var out []Score
	for method, s := range scores {
		m := means[method]
		s.Raters = len(m)
		s.Mean, s.Low, s.High = stat.Mean(m, nil), math.NaN(), math.NaN()
		if n := float64(len(m)); n > 1 {
			t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)
			half := t * stat.StdDev(m, nil) / math.Sqrt(n)
			s.Low, s.High = s.Mean-half, s.Mean+half
		}
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Score) int {
		if a.Mean != b.Mean {
			if a.Mean > b.Mean {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Method, b.Method)
	})
	return out, nil
}
