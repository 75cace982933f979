package niqe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/gander-ml/gander/tensor"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Options are the choices of [Fit]. The zero value is the paper's.
type Options struct {
	Patch     int     // side of the patches, even; 0 means 96
	Sharpness float64 // patches of a photograph count if they are more than this part as sharp as its sharpest; 0 means 0.75
}

// Model is the normal distribution of the features of natural photographs.
type Model struct {
	Patch      int       `json:"patch"`
	Mean       []float64 `json:"mean"`
	Covariance []float64 `json:"covariance"` // row by row
	Photos     int       `json:"photos"`     // that it was fitted on
	Patches    int       `json:"patches"`
}

const features = 2 * perScale

// Fit returns the model of undistorted photographs (H,W,3) or (H,W,1) with values in [0,1]. Photographs smaller than a patch
// are left out. It is an error if there are not more patches than features, 36: a covariance would not be determined.
func Fit(photos []*tensor.Tensor, opts Options) (*Model, error) {
	o := opts
	if o.Patch == 0 {
		o.Patch = 96
	}
	if o.Sharpness == 0 {
		o.Sharpness = 0.75
	}
	if o.Patch < 4 || o.Patch%2 != 0 || !(o.Sharpness >= 0 && o.Sharpness < 1) {
		panic(fmt.Sprintf("niqe.Fit: want an even patch of at least 4 and a sharpness in [0,1), got %+v", opts))
	}
	m := &Model{Patch: o.Patch}
	var rows [][]float64
	for _, x := range photos {
		check("niqe.Fit", x)
		all := patches(luma(x), o.Patch)
		sharpest := 0.0
		for _, p := range all {
			sharpest = max(sharpest, p.sharpness)
		}
		used := 0
		for _, p := range all {
			if p.sharpness > o.Sharpness*sharpest {
				rows = append(rows, p.features)
				used++
			}
		}
		if used > 0 {
			m.Photos++
		}
	}
	if m.Patches = len(rows); m.Patches <= features {
		return nil, fmt.Errorf("niqe: %d photographs have %d sharp patches of %d×%d pixels, want more than %d",
			len(photos), m.Patches, m.Patch, m.Patch, features)
	}
	var cov *mat.SymDense
	m.Mean, cov = moments(rows)
	for i := range features {
		for j := range features {
			m.Covariance = append(m.Covariance, cov.At(i, j))
		}
	}
	return m, nil
}

// Score returns the distance of a picture (H,W,3) or (H,W,1), with values in [0,1], from natural photographs,
//
//	√((μ₁−μ₂)ᵀ·((Σ₁+Σ₂)/2)⁺·(μ₁−μ₂))
//
// where ⁺ is the pseudoinverse. Only whole patches count. It is an error if there is none, or all of them are flat.
func (m *Model) Score(x *tensor.Tensor) (float64, error) {
	check("niqe.Score", x)
	if x.Dim(0) < m.Patch || x.Dim(1) < m.Patch {
		return 0, fmt.Errorf("niqe: a picture of %d×%d pixels has no patch of %d×%d", x.Dim(1), x.Dim(0), m.Patch, m.Patch)
	}
	var rows [][]float64
	for _, p := range patches(luma(x), m.Patch) {
		rows = append(rows, p.features)
	}
	if len(rows) == 0 {
		return 0, errors.New("niqe: the picture is flat")
	}
	mean, cov := moments(rows)
	sum := mat.NewSymDense(features, nil)
	for i := range features {
		for j := i; j < features; j++ {
			sum.SetSym(i, j, (m.Covariance[i*features+j]+cov.At(i, j))/2)
		}
	}
	d := make([]float64, features)
	for i := range d {
		d[i] = m.Mean[i] - mean[i]
	}
	return mahalanobis(d, sum)
}

// Write writes the model as JSON.
func (m *Model) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	if err := e.Encode(m); err != nil {
		return fmt.Errorf("niqe: %w", err)
	}
	return nil
}

// maxModel bounds the text of a model.
const maxModel = 1 << 20

// Read reads what [Model.Write] writes.
func Read(r io.Reader) (*Model, error) {
	d := json.NewDecoder(io.LimitReader(r, maxModel))
	d.DisallowUnknownFields()
	m := &Model{}
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("niqe: not a model: %w", err)
	}
	if m.Patch < 4 || m.Patch%2 != 0 || len(m.Mean) != features || len(m.Covariance) != features*features {
		return nil, fmt.Errorf("niqe: not a model: patch %d, %d means, %d covariances; want an even patch, %d and %d",
			m.Patch, len(m.Mean), len(m.Covariance), features, features*features)
	}
	return m, nil
}

func check(op string, x *tensor.Tensor) {
	if x.Rank() != 3 || x.Dim(2) != 3 && x.Dim(2) != 1 {
		panic(op + ": want a picture (H,W,3) or (H,W,1), got " + tensor.Format(x.Shape()))
	}
}

// moments returns the mean and the covariance of rows; a single row has covariance 0.
func moments(rows [][]float64) ([]float64, *mat.SymDense) {
	cov := mat.NewSymDense(features, nil)
	data := mat.NewDense(len(rows), features, nil)
	mean := make([]float64, features)
	for i, r := range rows {
		data.SetRow(i, r)
		for j, v := range r {
			mean[j] += v / float64(len(rows))
		}
	}
	if len(rows) > 1 {
		stat.CovarianceMatrix(cov, data, nil)
	}
	return mean, cov
}

// mahalanobis returns √(dᵀ·s⁺·d). Directions in which s is 0 but for rounding count nothing, as in a pseudoinverse.
func mahalanobis(d []float64, s *mat.SymDense) (float64, error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(s, true) {
		return 0, errors.New("niqe: the covariance has no eigenvalues")
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	n := len(values)
	least := float64(n) * 0x1p-52 * values[n-1]
	sum := 0.0
	for k, v := range values {
		if v <= least {
			continue
		}
		p := 0.0
		for i := range d {
			p += d[i] * vectors.At(i, k)
		}
		sum += p * p / v
	}
	return math.Sqrt(sum), nil
}
