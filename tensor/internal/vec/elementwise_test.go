package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// An elementwise kernel, called with slices: the ones that it writes, then the ones that it only reads.
type elementwise struct {
	name    string
	out     int // slices written
	in      int // slices only read
	updates bool
	f       func(s [][]float32)
	// ref is the definition: from the elements of all slices before to those of the written ones after.
	ref func(v []float64) []float64
}

func unaryCase(name string, f func(dst, x []float32), ref func(x float64) float64) elementwise {
	return elementwise{name, 1, 1, false, func(s [][]float32) { f(s[0], s[1]) }, func(v []float64) []float64 { return []float64{ref(v[1])} }}
}

func binaryCase(name string, f func(dst, a, b []float32), ref func(a, b float64) float64) elementwise {
	return elementwise{name, 1, 2, false, func(s [][]float32) { f(s[0], s[1], s[2]) }, func(v []float64) []float64 { return []float64{ref(v[1], v[2])} }}
}

func positive(x, yes, no float64) float64 {
	if x > 0 || x != x {
		return yes
	}
	return no
}

func elementwiseCases() []elementwise {
	one := func(v float64) []float64 { return []float64{v} }
	return []elementwise{
		binaryCase("Add", Add, func(a, b float64) float64 { return a + b }),
		binaryCase("Sub", Sub, func(a, b float64) float64 { return a - b }),
		binaryCase("Mul", Mul, func(a, b float64) float64 { return a * b }),
		binaryCase("Div", Div, func(a, b float64) float64 { return a / b }),
		binaryCase("Max", Max, math.Max),
		binaryCase("Min", Min, math.Min),
		unaryCase("Affine", func(d, x []float32) { Affine(d, x, 1.7, -0.3) }, func(x float64) float64 { return 1.7*x - 0.3 }),
		{"AddScaled", 1, 1, true, func(s [][]float32) { AddScaled(s[0], s[1], 0.7) },
			func(v []float64) []float64 { return one(v[0] + 0.7*v[1]) }},
		{"Lerp", 1, 1, true, func(s [][]float32) { Lerp(s[0], s[1], 0.1) },
			func(v []float64) []float64 { return one(v[0] + 0.1*(v[1]-v[0])) }},
		unaryCase("Clamp", func(d, x []float32) { Clamp(d, x, -0.5, 1.25) },
			func(x float64) float64 { return math.Min(math.Max(x, -0.5), 1.25) }),
		unaryCase("Abs", Abs, math.Abs),
		unaryCase("Sign", Sign, func(x float64) float64 {
			if x == 0 {
				return 0
			}
			return positive(x, x/math.Abs(x), -1)
		}),
		unaryCase("Step", Step, func(x float64) float64 {
			if x == 0 {
				return 1
			}
			return positive(x, x/math.Abs(x), 0)
		}),
		unaryCase("Square", Square, func(x float64) float64 { return x * x }),
		unaryCase("Sqrt", Sqrt, math.Sqrt),
		unaryCase("Exp", Exp, math.Exp),
		unaryCase("Log", Log, math.Log),
		unaryCase("Tanh", Tanh, math.Tanh),
		unaryCase("Sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
		unaryCase("Softplus", Softplus, func(x float64) float64 { return math.Log1p(math.Exp(x)) }),
		unaryCase("ReLU", func(d, x []float32) { LeakyReLU(d, x, 0) }, func(x float64) float64 { return positive(x, x, 0) }),
		unaryCase("LeakyReLU", func(d, x []float32) { LeakyReLU(d, x, 0.2) },
			func(x float64) float64 { return positive(x, x, 0.2*x) }),
		unaryCase("PReLU, one slope", func(d, x []float32) { PReLU(d, x, []float32{0.25}) },
			func(x float64) float64 { return positive(x, x, 0.25*x) }),
		binaryCase("ReLUGrad", func(d, x, g []float32) { LeakyReLUGrad(d, x, g, 0) },
			func(x, g float64) float64 { return positive(x, g, 0) }),
		binaryCase("LeakyReLUGrad", func(d, x, g []float32) { LeakyReLUGrad(d, x, g, 0.2) },
			func(x, g float64) float64 { return positive(x, g, 0.2*g) }),
		binaryCase("PReLUGrad, one slope", func(d, x, g []float32) { PReLUGrad(d, x, g, []float32{0.25}) },
			func(x, g float64) float64 { return positive(x, g, 0.25*g) }),
		binaryCase("TanhGrad", TanhGrad, func(y, g float64) float64 { return g * (1 - y*y) }),
		binaryCase("SigmoidGrad", SigmoidGrad, func(y, g float64) float64 { return g * y * (1 - y) }),
		{"SGD", 1, 1, true, func(s [][]float32) { SGD(s[0], s[1], 0.01, 0.1) },
			func(v []float64) []float64 { return one(v[0] - 0.1*(v[1]+0.01*v[0])) }},
		{"SGDMomentum", 2, 1, true, func(s [][]float32) { SGDMomentum(s[0], s[1], s[2], 0.01, 0.9, 0.5, 0.1) },
			func(v []float64) []float64 {
				u := 0.9*v[1] + 0.5*(v[2]+0.01*v[0])
				return []float64{v[0] - 0.1*u, u}
			}},
		{"SGDNesterov", 2, 1, true, func(s [][]float32) { SGDNesterov(s[0], s[1], s[2], 0.01, 0.9, 0.5, 0.1) },
			func(v []float64) []float64 {
				d := v[2] + 0.01*v[0]
				u := 0.9*v[1] + 0.5*d
				return []float64{v[0] - 0.1*(d+0.9*u), u}
			}},
		{"Adam", 3, 1, true, func(s [][]float32) { Adam(s[0], s[1], s[2], s[3], 0.01, 0.9, 0.1, 0.99, 0.01, 0.999, 0.1, 1e-3) },
			func(v []float64) []float64 {
				d := v[3] + 0.01*v[0]
				m, u := 0.9*v[1]+0.1*d, 0.99*v[2]+0.01*d*d
				return []float64{0.999*v[0] - 0.1*m/(math.Sqrt(u)+1e-3), m, u}
			}},
		{"AMSGrad", 4, 1, true, func(s [][]float32) {
			AMSGrad(s[0], s[1], s[2], s[3], s[4], 0.01, 0.9, 0.1, 0.99, 0.01, 0.999, 0.1, 1e-3)
		},
			func(v []float64) []float64 {
				d := v[4] + 0.01*v[0]
				m, u := 0.9*v[1]+0.1*d, 0.99*v[2]+0.01*d*d
				peak := math.Max(v[3], u)
				return []float64{0.999*v[0] - 0.1*m/(math.Sqrt(peak)+1e-3), m, u, peak}
			}},
		{"RMSProp", 2, 1, true, func(s [][]float32) { RMSProp(s[0], s[1], s[2], 0.01, 0.9, 0.1, 0.25, 0.5, 0.1) },
			func(v []float64) []float64 {
				d := v[2] + 0.01*v[0]
				sq := 0.9*v[1] + 0.1*d*d
				return []float64{v[0] - 0.1*d/(math.Sqrt(sq+0.25)+0.5), sq}
			}},
		{"RMSPropMomentum", 3, 1, true, func(s [][]float32) {
			RMSPropMomentum(s[0], s[1], s[2], s[3], 0.01, 0.9, 0.1, 0.25, 0.5, 0.1, 0.8)
		},
			func(v []float64) []float64 {
				d := v[3] + 0.01*v[0]
				sq := 0.9*v[1] + 0.1*d*d
				u := d/(math.Sqrt(sq+0.25)+0.5) + 0.8*v[2]
				return []float64{v[0] - 0.1*u, sq, u}
			}},
		{"RMSPropCentred", 3, 1, true, func(s [][]float32) {
			RMSPropCentred(s[0], s[1], s[2], s[3], 0.01, 0.9, 0.1, 0.25, 0.5, 0.1)
		},
			func(v []float64) []float64 {
				d := v[3] + 0.01*v[0]
				sq, mean := 0.9*v[1]+0.1*d*d, 0.9*v[2]+0.1*d
				return []float64{v[0] - 0.1*d/(math.Sqrt(math.Max(sq-mean*mean, 0)+0.25)+0.5), sq, mean}
			}},
		{"RMSPropCentredMomentum", 4, 1, true, func(s [][]float32) {
			RMSPropCentredMomentum(s[0], s[1], s[2], s[3], s[4], 0.01, 0.9, 0.1, 0.25, 0.5, 0.1, 0.8)
		},
			func(v []float64) []float64 {
				d := v[4] + 0.01*v[0]
				sq, mean := 0.9*v[1]+0.1*d*d, 0.9*v[2]+0.1*d
				u := d/(math.Sqrt(math.Max(sq-mean*mean, 0)+0.25)+0.5) + 0.8*v[3]
				return []float64{v[0] - 0.1*u, sq, mean, u}
			}},
	}
}

func (c elementwise) draw(r *rand.Rand, n int, draw func(*rand.Rand) float32) (gs []*guarded, s [][]float32) {
	for range c.out + c.in {
		g := newGuarded(r, n, draw)
		gs, s = append(gs, g), append(s, g.data)
	}
	return gs, s
}

// portably runs c in portable Go on copies.
func (c elementwise) portably(s [][]float32) [][]float32 {
	defer cpu.Use(cpu.Portable)()
	var all [][]float32
	for _, x := range s {
		all = append(all, slices.Clone(x))
	}
	c.f(all)
	return all
}

func TestElementwiseIsTheFormula(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, c := range elementwiseCases() {
			r := rand.New(rand.NewPCG(1, 2))
			const n = 400
			_, s := c.draw(r, n, moderate)
			for _, x := range s[1:c.out] {
				Abs(x, x) // mean squares are not negative
			}
			var before [][]float32
			for _, x := range s {
				before = append(before, slices.Clone(x))
			}
			c.f(s)
			for i := range n {
				v, scale := make([]float64, len(s)), 1.0
				for j := range v {
					v[j] = float64(before[j][i])
					scale = max(scale, math.Abs(v[j]))
				}
				for j, want := range c.ref(v) {
					got := float64(s[j][i])
					if math.IsNaN(want) {
						require.Truef(t, math.IsNaN(got), "%s of %v: want NaN, got %v", c.name, v, got)
						continue
					}
					require.InDeltaf(t, want, got, 1e-6*max(scale*scale, math.Abs(want)), "%s of %v, result %d", c.name, v, j)
				}
			}
		}
	})
}

func TestElementwiseGivesTheSameBitsAtEveryLevel(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, c := range elementwiseCases() {
			r := rand.New(rand.NewPCG(3, 4))
			for _, n := range lengths() {
				gs, s := c.draw(r, n, wild)
				want := c.portably(s)
				c.f(s)
				for j, g := range gs {
					requireSame(t, want[j], s[j], "%s of %d, slice %d", c.name, n, j)
					require.Truef(t, g.intact(j < c.out), "%s of %d writes where it should not, slice %d", c.name, n, j)
				}
			}
		}
	})
}

func TestElementwiseInPlace(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, c := range elementwiseCases() {
			if c.updates {
				continue // works in place anyway
			}
			r := rand.New(rand.NewPCG(5, 6))
			for _, n := range []int{1, 15, 16, 17, 63, 64, 65, 200} {
				for in := 1; in <= c.in; in++ {
					_, s := c.draw(r, n, wild)
					want := c.portably(s)
					s[0] = s[in]
					c.f(s)
					requireSame(t, want[0], s[0], "%s of %d onto argument %d", c.name, n, in)
				}
			}
		}
	})
}

func TestElementwisePanicsOnShortSlices(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, c := range elementwiseCases() {
			for short := 1; short < c.out+c.in; short++ {
				_, s := c.draw(rand.New(rand.NewPCG(7, 8)), 20, moderate)
				s[short] = s[short][:19] // with room behind it
				require.Panicsf(t, func() { c.f(s) }, "%s with a short slice %d", c.name, short)
			}
		}
	})
}

func TestReLUOfInfinity(t *testing.T) {
	levels(t, func(t *testing.T) {
		inf := float32(math.Inf(1))
		y := make([]float32, 3)
		LeakyReLU(y, []float32{-inf, inf, -1}, 0)
		require.Equal(t, []float32{0, inf, 0}, y)
		LeakyReLUGrad(y, []float32{-1, 0, 1}, []float32{inf, inf, inf}, 0)
		require.Equal(t, []float32{0, 0, inf}, y)
	})
}

func TestMaximumOfZeros(t *testing.T) {
	levels(t, func(t *testing.T) {
		minus := float32(math.Copysign(0, -1))
		y := make([]float32, 2)
		Max(y, []float32{minus, 0}, []float32{0, minus})
		requireSame(t, []float32{0, 0}, y, "Max")
		Min(y, []float32{minus, 0}, []float32{0, minus})
		requireSame(t, []float32{minus, minus}, y, "Min")
	})
}
