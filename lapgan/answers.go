package lapgan

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Answer is what a person said about a picture in a [HumanTest].
type Answer struct {
	Source   string
	Exposure int  // milliseconds
	Real     bool // whether it was taken for real
}

// ReadAnswers reads the file that the page of a [HumanTest] makes: lines of trial, source, exposure_ms and answer, which is
// real or fake. Errors name the line.
func ReadAnswers(r io.Reader) ([]Answer, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord = 4
	head, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("lapgan: answers of a human test: an empty file")
	}
	if err != nil {
		return nil, fmt.Errorf("lapgan: answers of a human test: %w", err)
	}
	if !slices.Equal(head, []string{"trial", "source", "exposure_ms", "answer"}) {
		return nil, fmt.Errorf("lapgan: answers of a human test begin with trial,source,exposure_ms,answer, not with %q", strings.Join(head, ","))
	}
	var out []Answer
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("lapgan: answers of a human test: %w", err)
		}
		line, _ := c.FieldPos(0)
		ms, err := strconv.Atoi(row[2])
		if err != nil || ms < 1 {
			return nil, fmt.Errorf("lapgan: answers of a human test: line %d: %q is no exposure in milliseconds", line, row[2])
		}
		if row[3] != "real" && row[3] != "fake" {
			return nil, fmt.Errorf("lapgan: answers of a human test: line %d: %q is neither real nor fake", line, row[3])
		}
		out = append(out, Answer{Source: row[1], Exposure: ms, Real: row[3] == "real"})
	}
}

// Rate is how often pictures of a source were taken for real.
type Rate struct {
	Source   string
	Exposure int // milliseconds; 0 for all of them together
	N        int
	Real     float64 // share of the N answers
	Low      float64 // the ends of Wilson's interval, which holds the true share with 95 % confidence
	High     float64
}

// Rates returns a rate for each source, and below it one for each exposure, in their order.
func Rates(answers []Answer) []Rate {
	type key struct {
		source   string
		exposure int
	}
	n, real := map[key]int{}, map[key]int{}
	for _, a := range answers {
		for _, k := range []key{{a.Source, 0}, {a.Source, a.Exposure}} {
			n[k]++
			if a.Real {
				real[k]++
			}
		}
	}
	var out []Rate
	for k, count := range n {
		r := Rate{Source: k.source, Exposure: k.exposure, N: count, Real: float64(real[k]) / float64(count)}
		r.Low, r.High = wilson(r.Real, float64(count))
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Rate) int {
		if c := strings.Compare(a.Source, b.Source); c != 0 {
			return c
		}
		return a.Exposure - b.Exposure
	})
	return out
}

// wilson returns the 95 % interval of a share p of n. Wilson 1927, "Probable inference, the law of succession, and statistical
// inference".
func wilson(p, n float64) (low, high float64) {
	const z = 1.959963984540054
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, centre-half), min(1, centre+half)
}
