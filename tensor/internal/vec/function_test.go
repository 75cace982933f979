package vec

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// ulps is the distance of got from the true value in units of the last place of float32 there.
func ulps(got float32, want float64) float64 {
	rounded := float32(want)
	if sameBits(got, rounded) {
		return 0
	}
	if math.IsNaN(want) || got != got || math.IsInf(float64(got), 0) || math.IsInf(float64(rounded), 0) {
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

var functionCases = []struct {
	name string
	f    func(dst, x []float32)
	ref  func(x float64) float64
	ulps float64 // the bound that the documentation states
}{
	{"Exp", Exp, math.Exp, 1},
	{"Log", Log, math.Log, 1},
	{"Tanh", Tanh, math.Tanh, 3},
	{"Sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 3},
	{"Softplus", Softplus, func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 2},
}

// sweep calls f with blocks of values from all of float32, stride apart in their bits.
func sweep(stride uint64, f func(x []float32)) {
	block := make([]float32, 0, 1<<12)
	for bits := uint64(0); bits < 1<<32; bits += stride {
		block = append(block, math.Float32frombits(uint32(bits)))
		if len(block) == cap(block) {
			f(block)
			block = block[:0]
		}
	}
	f(block)
}

func TestFunctionsKeepTheirBounds(t *testing.T) {
	stride := uint64(4099)
	if testing.Short() {
		stride = 40009
	}
	levels(t, func(t *testing.T) {
		y := make([]float32, 1<<12)
		for _, c := range functionCases {
			worst, at := 0.0, float32(0)
			sweep(stride, func(x []float32) {
				c.f(y[:len(x)], x)
				for i, v := range x {
					if u := ulps(y[i], c.ref(float64(v))); u > worst {
						worst, at = u, v
					}
				}
			})
			require.LessOrEqualf(t, worst, c.ulps, "%s(%v) is off by %v ulp", c.name, at, worst)
		}
	})
}

func TestFunctionsGiveTheSameBitsAtEveryLevel(t *testing.T) {
	levels(t, func(t *testing.T) {
		want, y := make([]float32, 1<<12), make([]float32, 1<<12)
		for _, c := range functionCases {
			sweep(40009, func(x []float32) {
				c.f(y[:len(x)], x)
				restore := cpu.Use(cpu.Portable)
				c.f(want[:len(x)], x)
				restore()
				requireSame(t, want[:len(x)], y[:len(x)], "%s", c.name)
			})
		}
	})
}

func TestFunctionsOfSpecialValues(t *testing.T) {
	inf, nan, minus := float32(math.Inf(1)), float32(math.NaN()), float32(math.Copysign(0, -1))
	least := float32(math.SmallestNonzeroFloat32)
	levels(t, func(t *testing.T) {
		for _, c := range []struct {
			name    string
			f       func(dst, x []float32)
			x, want []float32
		}{
			{"Exp", Exp, []float32{0, minus, inf, -inf, nan, 89, -104, 88.72}, []float32{1, 1, inf, 0, nan, inf, 0, float32(math.Exp(float64(float32(88.72))))}},
			{"Log", Log, []float32{0, minus, inf, -inf, nan, -1, 1, -least, least}, []float32{-inf, -inf, inf, nan, nan, nan, 0, nan, float32(math.Log(0x1p-149))}},
			{"Tanh", Tanh, []float32{0, minus, inf, -inf, nan, least, -least, 20}, []float32{0, minus, 1, -1, nan, least, -least, 1}},
			{"Sigmoid", Sigmoid, []float32{0, minus, inf, -inf, nan, 100}, []float32{0.5, 0.5, 1, 0, nan, 1}},
			{"Softplus", Softplus, []float32{inf, -inf, nan, 1e30}, []float32{inf, 0, nan, 1e30}},
		} {
			y := make([]float32, len(c.x))
			c.f(y, c.x)
			for i, want := range c.want {
				require.LessOrEqualf(t, ulps(y[i], float64(want)), 1.0, "%s(%v) = %v, want %v", c.name, c.x[i], y[i], want)
				if want == 0 || want != want {
					requireSame(t, c.want[i:i+1], y[i:i+1], "%s(%v)", c.name, c.x[i])
				}
			}
		}
	})
}
