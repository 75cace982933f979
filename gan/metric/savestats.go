package metric

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/gander-ml/gander/internal/atomicfile"
)

const (
	statsFormat  = "gander feature statistics 1"
	maxStatsFile = 1 << 30
	maxRows      = 1 << 48 // of a file; sums of a few such stay exact
)

// statsFile is how statistics lie in a file: JSON, with the numbers as base64 of little-endian float64.
type statsFile struct {
	Format  string `json:"format"`
	Network string `json:"network"`
	N       int    `json:"n"`
	Dims    int    `json:"dims"`
	Mean    string `json:"mean"`
	Scatter string `json:"scatter"` // upper triangle, row by row
}

// Save writes the statistics to a file, whole or not at all.
func (s *Stats) Save(path string) error {
	err := atomicfile.Write(path, s.Write)
	if err != nil {
		return fmt.Errorf("metric: %w", err)
	}
	return nil
}

// Write writes the statistics as [ReadStats] reads them.
func (s *Stats) Write(w io.Writer) error {
	d := s.Dims()
	upper := make([]float64, 0, d*(d+1)/2)
	for i := range d {
		for k := i; k < d; k++ {
			upper = append(upper, s.scatter.At(i, k))
		}
	}
	return json.NewEncoder(w).Encode(statsFile{statsFormat, s.Network, s.n, d, encode(s.mean), encode(upper)})
}

// OpenStats reads statistics that [Stats.Save] wrote.
func OpenStats(path string) (*Stats, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("metric: %w", err)
	}
	defer f.Close()
	s, err := ReadStats(f)
	if err != nil {
		return nil, fmt.Errorf("metric: %s: %w", path, err)
	}
	return s, nil
}

// ReadStats reads statistics that [Stats.Write] wrote. Numbers that no features have are errors. A file of more than 1 GiB,
// which is 14,000 dimensions, is not read.
func ReadStats(r io.Reader) (*Stats, error) {
	in := json.NewDecoder(io.LimitReader(r, maxStatsFile))
	in.DisallowUnknownFields()
	var f statsFile
	if err := in.Decode(&f); err != nil {
		return nil, fmt.Errorf("not a file of feature statistics: %w", err)
	}
	if _, err := in.Token(); err != io.EOF {
		return nil, errors.New("more text after its end")
	}
	if f.Format != statsFormat {
		return nil, fmt.Errorf("has the format %q, want %q", f.Format, statsFormat)
	}
	mean, err := decode(f.Mean)
	if err != nil {
		return nil, fmt.Errorf("mean: %w", err)
	}
	upper, err := decode(f.Scatter)
	if err != nil {
		return nil, fmt.Errorf("scatter: %w", err)
	}
	d := len(mean)
	if d == 0 || f.Dims != d || len(upper) != d*(d+1)/2 || f.N < 0 || int64(f.N) > maxRows {
		return nil, fmt.Errorf("claims %d rows of %d dimensions, holds %d means and %d products", f.N, f.Dims, d, len(upper))
	}
	s := NewStats(f.Network, d)
	s.n, s.mean = f.N, mean
	for i, at := 0, 0; i < d; i++ {
		if upper[at] < 0 {
			return nil, fmt.Errorf("feature %d has a negative variance", i)
		}
		for k := i; k < d; k++ {
			s.scatter.SetSym(i, k, upper[at])
			at++
		}
	}
	return s, nil
}

func encode(v []float64) string {
	raw := make([]byte, 0, 8*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(x))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func decode(text string) ([]float64, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	if len(raw)%8 != 0 {
		return nil, fmt.Errorf("%d bytes are not whole numbers of 8", len(raw))
	}
	v := make([]float64, len(raw)/8)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		if math.IsNaN(v[i]) || math.IsInf(v[i], 0) {
			return nil, fmt.Errorf("number %d is %v", i, v[i])
		}
	}
	return v, nil
}
