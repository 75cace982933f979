package tensortest

import (
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// T is the part of *testing.T and *rapid.T that the comparisons need.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Close fails the test unless got has the shape of want and every element differs from it by at most tol·max(1, |want|).
// NaN is close to NaN, and an infinity to itself. The message names the first element that is not.
func Close(t T, want Array, got *tensor.Tensor, tol float64) {
	t.Helper()
	if msg := Diff(want, got, tol); msg != "" {
		t.Fatalf("%s", msg)
	}
}

// Diff is [Close] that returns the message, empty if all is well.
func Diff(want Array, got *tensor.Tensor, tol float64) string {
	if !slices.Equal(want.Shape, got.Shape()) {
		return fmt.Sprintf("want shape %s, got %s", tensor.Format(want.Shape), tensor.Format(got.Shape()))
	}
	bad, first := 0, -1
	for i, v := range got.Data() {
		if !near(want.Data[i], float64(v), tol) {
			if bad == 0 {
				first = i
			}
			bad++
		}
	}
	if bad == 0 {
		return ""
	}
	return fmt.Sprintf("element %s of %s: want %.9g, got %.9g, tolerance %.3g; %d of %d elements differ",
		tensor.Format(indexOf(want.Shape, first)), tensor.Format(want.Shape), want.Data[first], got.Data()[first],
		tol*max(1, math.Abs(want.Data[first])), bad, got.Len())
}

// Same fails the test unless want and got have equal shapes and the same bits. The message names the first element that
// differs.
func Same(t T, want, got *tensor.Tensor) {
	t.Helper()
	if !tensor.SameShape(want, got) {
		t.Fatalf("want shape %s, got %s", tensor.Format(want.Shape()), tensor.Format(got.Shape()))
	}
	for i, v := range got.Data() {
		if w := want.Data()[i]; math.Float32bits(v) != math.Float32bits(w) {
			t.Fatalf("element %s of %s: want %v (%#08x), got %v (%#08x)", tensor.Format(indexOf(want.Shape(), i)),
				tensor.Format(want.Shape()), w, math.Float32bits(w), v, math.Float32bits(v))
		}
	}
}

// SameOnAnyCores fails the test unless f gives the same bits for GOMAXPROCS 1, 2, 3 and 8. It must not run in parallel
// with other tests.
func SameOnAnyCores(t T, f func() *tensor.Tensor) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := f().Clone()
	for _, procs := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(procs)
		Same(t, want, f())
	}
}

func near(want, got, tol float64) bool {
	switch {
	case math.IsNaN(want) || math.IsNaN(got):
		return math.IsNaN(want) && math.IsNaN(got)
	case math.IsInf(want, 0) || math.IsInf(got, 0):
		return want == got
	}
	return math.Abs(want-got) <= tol*max(1, math.Abs(want))
}

func indexOf(shape []int, at int) []int {
	index := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		index[k] = at % shape[k]
		at /= shape[k]
	}
	return index
}
