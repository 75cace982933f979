package metric

import (
	"bytes"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// statsOf gathers the rows of x in one go.
func statsOf(t testing.TB, x *tensor.Tensor) *Stats {
	s := NewStats("test", x.Dim(1))
	require.NoError(t, s.Add(x))
	return s
}

func TestStatsAreThoseOfTheDefinition(t *testing.T) {
	x := tensor.RandN(newRand(1), 57, 5)
	tensor.AffineInto(x, x, 0.5, 1000) // a large mean, where sums of squares would lose everything
	s := statsOf(t, x)
	var want mat.SymDense
	stat.CovarianceMatrix(&want, wide(x), nil)
	require.True(t, mat.EqualApprox(&want, s.Covariance(), 1e-9))
	for k, m := range s.Mean() {
		require.InDelta(t, stat.Mean(mat.Col(nil, k, wide(x)), nil), m, 1e-9)
	}
}

func TestStatsMergeInAnyCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(2, 40).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "d")
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		x := tensor.RandN(newRand(rapid.Uint64().Draw(t, "seed")), n, d)
		whole, a, b := NewStats("test", d), NewStats("test", d), NewStats("test", d)
		require.NoError(t, whole.Add(x))
		require.NoError(t, a.Add(x.Rows(0, cut)))
		require.NoError(t, b.Add(x.Rows(cut, n)))
		require.NoError(t, a.Merge(b))
		require.Equal(t, n, a.Len())
		require.InDeltaSlice(t, whole.Mean(), a.Mean(), 1e-12)
		require.True(t, mat.EqualApprox(whole.Covariance(), a.Covariance(), 1e-12))
	})
}

func TestStatsRefuse(t *testing.T) {
	x := tensor.New(3, 2)
	x.Set(float32(math.NaN()), 1, 1)
	s := NewStats("eye", 2)
	require.EqualError(t, s.Add(x), `metric: output 1 of network "eye" for picture 1 is NaN`)
	require.Zero(t, s.Len())
	require.EqualError(t, s.Merge(NewStats("ear", 2)),
		`metric: features of network "eye" (2) cannot be compared with those of "ear" (2)`)
	require.PanicsWithValue(t, "metric.Stats.Add: want (N,2), got (3,4)", func() { _ = s.Add(tensor.New(3, 4)) })
}

func TestStatsAreSavedWhole(t *testing.T) {
	s := statsOf(t, tensor.RandN(newRand(3), 20, 6))
	path := filepath.Join(t.TempDir(), "stats.json")
	require.NoError(t, s.Save(path))
	got, err := OpenStats(path)
	require.NoError(t, err)
	require.Equal(t, s, got)
	_, err = OpenStats(path + ".no")
	require.ErrorContains(t, err, "stats.json.no")
}

func TestReadStatsRefuses(t *testing.T) {
	var good bytes.Buffer
	require.NoError(t, statsOf(t, tensor.RandN(newRand(3), 20, 2)).Write(&good))
	for name, c := range map[string]struct{ from, to, want string }{
		"other format":  {"statistics 1", "statistics 2", "format"},
		"other size":    {`"dims":2`, `"dims":3`, "claims 20 rows of 3 dimensions"},
		"negative rows": {`"n":20`, `"n":-1`, "claims -1 rows"},
		"no base64":     {`"mean":"`, `"mean":"*`, "mean"},
		"unknown field": {`"n":20`, `"m":20`, "unknown field"},
		"cut":           {"}\n", "", "not a file of feature statistics"},
		"more":          {"}\n", "} 7", "more text"},
	} {
		_, err := ReadStats(strings.NewReader(strings.Replace(good.String(), c.from, c.to, 1)))
		require.ErrorContains(t, err, c.want, name)
	}
	bad := statsFile{statsFormat, "x", 3, 1, encode([]float64{math.NaN()}), encode([]float64{1})}
	_, err := decode(bad.Mean)
	require.EqualError(t, err, "number 0 is NaN")
}

func FuzzReadStats(f *testing.F) {
	var good bytes.Buffer
	require.NoError(f, statsOf(f, tensor.RandN(newRand(3), 9, 3)).Write(&good))
	f.Add(good.Bytes())
	f.Add([]byte(`{"format":"gander feature statistics 1","network":"","n":9000000000,"dims":1,"mean":"AAAAAAAA8D8=","scatter":"AAAAAAAA8D8="}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ReadStats(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		require.NoError(t, s.Write(&again))
		back, err := ReadStats(&again)
		require.NoError(t, err)
		require.Equal(t, s, back)
	})
}

func TestFiguresAreTheSameOnAnyCores(t *testing.T) {
	rng := newRand(9)
	a := &Features{"test", tensor.RandN(rng, 300, 70)}
	b := &Features{"test", tensor.RandN(rng, 300, 70)}
	all := func() []float64 {
		sa, err := a.Stats()
		require.NoError(t, err)
		sb, err := b.Stats()
		require.NoError(t, err)
		fid, err := FID(sa, sb, FIDOptions{})
		require.NoError(t, err)
		kid, err := KID(a, b, KIDOptions{Subsets: 3, Size: 200})
		require.NoError(t, err)
		p, r, err := PrecisionRecall(a, b, ManifoldOptions{})
		require.NoError(t, err)
		pw, err := ParzenLogLikelihood(a.X, b.X, b.X, ParzenOptions{})
		require.NoError(t, err)
		div, err := Diversity(tensor.RandU(newRand(2), 0, 1, 9, 22, 22, 1), DiversityOptions{Pairs: 9})
		require.NoError(t, err)
		return []float64{fid.Value, kid.Value, kid.Spread, p.Value, r.Value, pw.Value, pw.Spread, div.Value}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := all()
	for _, n := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(n)
		require.Equal(t, want, all(), "%d cores", n)
	}
}
