package metric

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// FIDOptions are the choices of [FID].
type FIDOptions struct {
	// Few lets sets through that have no more pictures than features. Their covariances are singular and the figure is
	// biased upwards, without limit as the numbers shrink; it says so in its Warning.
	Few bool
}

// eigenTolerance is how far below zero an eigenvalue may be, of the Frobenius norm, before it is more than rounding.
const eigenTolerance = 1e-7

// FID returns the Fréchet distance between Gaussians with the statistics of real and of generated pictures,
//
//	‖μ₁−μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁^½ Σ₂ Σ₁^½)^½)
//
// with covariances over N−1, 0 for equal statistics and larger the more they differ. Roots are taken of symmetric
// matrices by their eigenvalues; those that rounding made negative, by up to 1e-7 of the norm, count as 0, and lower
// ones are an error. It is also an error if the networks differ, or if there are no more pictures than features: use
// more, or fewer features, or [KID]. Heusel et al. 2017, "GANs trained by a two time-scale update rule converge to a local
// Nash equilibrium".
func FID(real, fake *Stats, o FIDOptions) (Figure, error) {
	if err := sameSpace(real.Network, fake.Network, real.Dims(), fake.Dims()); err != nil {
		return Figure{}, err
	}
	d := real.Dims()
	f := Figure{Name: "FID", Protocol: protocol(
		"network "+real.Network, fmt.Sprintf("%d dimensions", d),
		fmt.Sprintf("%d real and %d generated pictures", real.n, fake.n), "covariance over N−1")}
	if few := min(real.n, fake.n); few < 2 {
		return Figure{}, fmt.Errorf("metric: FID of %d pictures; a covariance needs at least 2", few)
	} else if few <= d {
		if !o.Few {
			return Figure{}, fmt.Errorf("metric: FID of %d pictures with %d features is mostly bias: "+
				"use at least %d pictures (better ten times as many), or KID, or set FIDOptions.Few", few, d, d+1)
		}
		f.Warning = fmt.Sprintf("%d pictures are too few for %d features: mostly bias", few, d)
	}
	c1, c2 := real.Covariance(), fake.Covariance()
	root, err := sqrtSym(c1)
	if err != nil {
		return Figure{}, fmt.Errorf("metric: FID: covariance of the real pictures: %w", err)
	}
	var left, product mat.Dense
	left.Mul(root, c2)
	product.Mul(&left, root)
	// Where the two see other directions the product is nearly 0, and rounding is relative to its factors.
	values, _, err := eigen(symmetric(&product), mat.Norm(c1, 2)*mat.Norm(c2, 2), false)
	if err != nil {
		return Figure{}, fmt.Errorf("metric: FID: product of the covariances: %w", err)
	}
	terms := make([]float64, 0, 3*d)
	for k, m := range real.mean {
		terms = append(terms, (m-fake.mean[k])*(m-fake.mean[k]), c1.At(k, k)+c2.At(k, k), -2*math.Sqrt(values[k]))
	}
	for _, t := range terms {
		f.Value += t
	}
	// A distance is not negative; its rounding can be.
	f.Value = max(f.Value, 0)
	return f, nil
}

// sqrtSym returns the symmetric root of a positive semi-definite matrix.
func sqrtSym(m mat.Symmetric) (*mat.SymDense, error) {
	values, vectors, err := eigen(m, mat.Norm(m, 2), true)
	if err != nil {
		return nil, err
	}
	var scaled, root mat.Dense
	scaled.CloneFrom(vectors)
	for k, v := range values {
		r := math.Sqrt(v)
		for i := range values {
			scaled.Set(i, k, scaled.At(i, k)*r)
		}
	}
	root.Mul(&scaled, vectors.T())
	return symmetric(&root), nil
}

// eigen returns the eigenvalues of a positive semi-definite matrix, none negative, and its eigenvectors if asked for. scale
// is what rounding is relative to.
func eigen(m mat.Symmetric, scale float64, vectors bool) ([]float64, *mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(m, vectors) {
		return nil, nil, errors.New("the eigenvalues were not found: does it hold NaN?")
	}
	values := e.Values(nil)
	for i, v := range values {
		if v < -eigenTolerance*scale {
			return nil, nil, fmt.Errorf("has the eigenvalue %g, its norm is %g: it is no covariance", v, scale)
		}
		values[i] = max(v, 0)
	}
	if !vectors {
		return values, nil, nil
	}
	var q mat.Dense
	e.VectorsTo(&q)
	return values, &q, nil
}

// symmetric returns (m + mᵀ)/2.
func symmetric(m *mat.Dense) *mat.SymDense {
	n, _ := m.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for k := i; k < n; k++ {
			s.SetSym(i, k, (m.At(i, k)+m.At(k, i))/2)
		}
	}
	return s
}
