package tensortest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

// recorder is a test that notes how it failed.
type recorder struct{ msg string }

type failed struct{}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.msg = fmt.Sprintf(format, args...)
	panic(failed{})
}

// message returns how f fails, or nothing if it does not.
func message(f func(t tensortest.T)) (msg string) {
	r := &recorder{}
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(failed); !ok {
				panic(v)
			}
			msg = r.msg
		}
	}()
	f(r)
	return ""
}

func TestClose(t *testing.T) {
	x := tensor.FromSlice([]float32{1, 200, float32(math.NaN()), float32(math.Inf(1))}, 2, 2)
	want := tensortest.From(x)
	closeTo := func(a tensortest.Array) string {
		return message(func(t tensortest.T) { tensortest.Close(t, a, x, 1e-3) })
	}
	require.Empty(t, closeTo(want))
	for at, c := range []struct {
		v    float64
		want string
	}{
		{1.1, "element (0,0) of (2,2): want 1.1, got 1, tolerance 0.0011; 1 of 4 elements differ"},
		{201, "element (0,1) of (2,2): want 201, got 200, tolerance 0.201; 1 of 4 elements differ"},
		{0, "element (1,0) of (2,2): want 0, got NaN, tolerance 0.001; 1 of 4 elements differ"},
		{math.Inf(-1), "element (1,1) of (2,2): want -Inf, got +Inf, tolerance +Inf; 1 of 4 elements differ"},
	} {
		a := want.Clone()
		a.Data[at] = c.v
		require.Equal(t, c.want, closeTo(a))
	}
	near := want.Clone()
	near.Data[0], near.Data[1] = 1.0009, 200.1
	require.Empty(t, closeTo(near))
	require.Equal(t, "want shape (4), got (2,2)", closeTo(tensortest.Zeros(4)))
}

func TestSame(t *testing.T) {
	x := tensor.FromSlice([]float32{0, 1}, 2)
	same := func(y *tensor.Tensor) string {
		return message(func(t tensortest.T) { tensortest.Same(t, x, y) })
	}
	require.Empty(t, same(x.Clone()))
	require.Contains(t, same(tensor.FromSlice([]float32{0, math.Nextafter32(1, 2)}, 2)), "element (1) of (2)")
	require.Contains(t, same(tensor.FromSlice([]float32{float32(math.Copysign(0, -1)), 1}, 2)), "element (0) of (2)")
	require.Equal(t, "want shape (2), got (1,2)", same(x.Reshape(1, 2)))
}

func TestSameOnAnyCores(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	msg := message(func(t tensortest.T) {
		tensortest.SameOnAnyCores(t, func() *tensor.Tensor { return tensor.Scalar(float32(min(2, runtime.GOMAXPROCS(0)))) })
	})
	require.Contains(t, msg, "element () of ()")
	require.Equal(t, before, runtime.GOMAXPROCS(0))
}

func TestGuarded(t *testing.T) {
	g := tensortest.NewGuarded(3, 2, 2)
	checked := func() string { return message(func(t tensortest.T) { g.Check(t) }) }
	require.Equal(t, "element (0,0) of (2,2) was not written", checked())
	g.Fill(1)
	require.Empty(t, checked())

	// Reach around the tensor, as a kernel that is wrong would.
	msg := message(func(t tensortest.T) {
		tensortest.Adjoint(t, rand.New(rand.NewPCG(1, 1)), []int{2}, []int{2},
			func(dst, x *tensor.Tensor) { tensor.AffineInto(dst, x, 2, 0) },
			func(dst, x *tensor.Tensor) { tensor.AffineInto(dst.Rows(0, 1), x.Rows(0, 1), 2, 0) }, 1e-6)
	})
	require.Equal(t, "element (1) of (2) was not written", msg)
}

func TestAdjoint(t *testing.T) {
	double := func(dst, x *tensor.Tensor) { tensor.AffineInto(dst, x, 2, 0) }
	for factor, ok := range map[float32]bool{2: true, 2.001: false} {
		msg := message(func(t tensortest.T) {
			tensortest.Adjoint(t, rand.New(rand.NewPCG(1, 1)), []int{9}, []int{9}, double,
				func(dst, x *tensor.Tensor) { tensor.AffineInto(dst, x, factor, 0) }, 1e-6)
		})
		require.Equal(t, ok, msg == "", "%v: %s", factor, msg)
	}
}

func TestArray(t *testing.T) {
	a := tensortest.Build([]int{2, 3}, func(i []int) float64 { return float64(10*i[0] + i[1]) })
	require.Equal(t, []float64{0, 1, 2, 10, 11, 12}, a.Data)
	require.Equal(t, float32(12), a.Tensor().At(1, 2))
	a.Set(5, 1, 0)
	a.Add(2, 1, 0)
	require.Equal(t, 7.0, a.At(1, 0))
	require.Equal(t, []float64{33}, tensortest.Sum(a).Data, "no axes means all")
	require.Equal(t, []float64{7, 12, 14}, tensortest.Sum(a, 0).Data)
	require.PanicsWithValue(t, "tensortest: index (0,3) out of range for shape (2,3)", func() { a.At(0, 3) })
	require.PanicsWithValue(t, "tensortest: 1 indices into shape (2,3)", func() { a.At(0) })
}
