package conv

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// terms calls f for every product of a convolution: y[iy] += x[ix]·w[iw].
func (s *Shape) terms(f func(iy, ix, iw int)) {
	cg, og := s.Cin/s.Groups, s.Cout/s.Groups
	for n := range s.N {
		for i := range s.OH {
			for j := range s.OW {
				for p := range s.KH {
					for q := range s.KW {
						h, v := i*s.StrideH+p*s.DilH-s.PadT, j*s.StrideW+q*s.DilW-s.PadL
						if h < 0 || h >= s.H || v < 0 || v >= s.W {
							continue
						}
						for o := range s.Cout {
							for c := range cg {
								f(((n*s.OH+i)*s.OW+j)*s.Cout+o, ((n*s.H+h)*s.W+v)*s.Cin+o/og*cg+c, ((p*s.KW+q)*cg+c)*s.Cout+o)
							}
						}
					}
				}
			}
		}
	}
}

func (s *Shape) sizes() (y, x, w int) {
	return s.N * s.OH * s.OW * s.Cout, s.N * s.H * s.W * s.Cin, s.KH * s.KW * s.Cin / max(s.Groups, 1) * s.Cout
}

// reference computes one direction in float64, and the sum of the absolute products, which scales the tolerance.
func (s *Shape) reference(d Direction, a, b []float32) (sum, abs []float64) {
	y, x, w := s.sizes()
	n := [...]int{y, x, w}[d]
	sum, abs = make([]float64, n), make([]float64, n)
	s.terms(func(iy, ix, iw int) {
		var at int
		var v float64
		switch d {
		case Output:
			at, v = iy, float64(a[ix])*float64(b[iw])
		case Input:
			at, v = ix, float64(a[iy])*float64(b[iw])
		case Weight:
			at, v = iw, float64(a[ix])*float64(b[iy])
		}
		sum[at] += v
		abs[at] += math.Abs(v)
	})
	return sum, abs
}

// operands returns random inputs for a direction.
func (s *Shape) operands(d Direction, r *rand.Rand) (a, b []float32) {
	y, x, w := s.sizes()
	switch d {
	case Output:
		return random(r, x), random(r, w)
	case Input:
		return random(r, y), random(r, w)
	}
	return random(r, x), random(r, y)
}

// compute runs one direction into a slice between guard cells.
func (s *Shape) compute(t require.TestingT, d Direction, a, b []float32) []float32 {
	const guard = 64
	y, x, w := s.sizes()
	n := [...]int{y, x, w}[d]
	all := make([]float32, n+2*guard)
	for i := range all {
		all[i] = 12345
	}
	out := all[guard : guard+n : guard+n]
	keepA, keepB := slices.Clone(a), slices.Clone(b)
	switch d {
	case Output:
		Forward(out, a, b, s)
	case Input:
		GradInput(out, a, b, s)
	case Weight:
		GradWeight(out, a, b, s)
	}
	for i := range guard {
		require.True(t, all[i] == 12345 && all[guard+n+i] == 12345, "written outside the result")
	}
	require.True(t, slices.Equal(keepA, a) && slices.Equal(keepB, b), "operands changed")
	return out
}

func random(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = r.Float32() - 0.5
	}
	return s
}

func levels(t *testing.T, f func(t *testing.T)) {
	for _, l := range cpu.Levels() {
		t.Run(l.String(), func(t *testing.T) {
			defer cpu.Use(l)()
			f(t)
		})
	}
}

// conv returns a shape with the smallest padded output.
func shape(n, h, w, cin, kh, kw, cout, stride, pad, dil, groups int) Shape {
	s := Shape{
		N: n, H: h, W: w, Cin: cin, KH: kh, KW: kw, Cout: cout, StrideH: stride, StrideW: stride,
		PadT: pad, PadB: pad, PadL: pad, PadR: pad, DilH: dil, DilW: dil, Groups: groups,
	}
	s.fit()
	return s
}

func (s *Shape) fit() {
	s.OH = (s.H+s.PadT+s.PadB-s.DilH*(s.KH-1)-1)/s.StrideH + 1
	s.OW = (s.W+s.PadL+s.PadR-s.DilW*(s.KW-1)-1)/s.StrideW + 1
}

// tolerance is the error allowed for element i, relative to the sum of its absolute products. With Winograd, ToomCook or Sequence, where sums
// of neighbours cancel in the computation, it grows with the number of terms as their sum does, for operands in ±½.
// Operands that are rounded to bfloat16 are each wrong by 2⁻⁸.
func (s *Shape) tolerance(d Direction, abs []float64, i int) float64 {
	if _, pairs := s.kernel(d); pairs {
		return 0x1.01p-7*abs[i] + 1e-7
	}
	if a := Plan(s, d); a != Winograd && a != Polyphase && a != ToomCook && a != Sequence {
		return 1e-6*abs[i] + 1e-7
	}
	terms := [...]int{s.KH * s.KW * s.Cin, s.KH * s.KW * s.Cout, s.N * s.OH * s.OW}[d]
	return 2.5e-6 * math.Sqrt(float64(terms))
}

func (s *Shape) verify(t require.TestingT, d Direction, r *rand.Rand) {
	a, b := s.operands(d, r)
	s.compare(t, d, s.compute(t, d, a, b), a, b)
}

// compare holds the result of a direction against the reference.
func (s *Shape) compare(t require.TestingT, d Direction, got, a, b []float32) {
	want, abs := s.reference(d, a, b)
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= s.tolerance(d, abs, i)) {
			require.Failf(t, "wrong value", "%v of %+v by %v: element %d is %v, want %v within %g", d, *s, Plan(s, d), i, v, want[i], s.tolerance(d, abs, i))
		}
	}
}

// cases covers every algorithm, and sizes that leave remainders in every loop.
var cases = withBF16(
	shape(2, 9, 11, 5, 3, 3, 7, 1, 1, 1, 1),
	shape(1, 12, 13, 16, 3, 3, 33, 1, 1, 1, 1),
	shape(2, 8, 8, 6, 4, 4, 10, 2, 1, 1, 1),
	shape(3, 7, 5, 4, 5, 5, 6, 2, 2, 1, 1),
	shape(1, 6, 13, 3, 9, 9, 18, 1, 4, 1, 1),
	shape(1, 6, 13, 18, 9, 9, 3, 1, 4, 1, 1),
	shape(2, 9, 9, 8, 1, 1, 12, 1, 0, 1, 1),
	shape(2, 9, 9, 8, 1, 1, 12, 2, 0, 1, 1),
	shape(1, 6, 6, 3, 1, 1, 2, 1, 0, 1, 1),
	shape(1, 14, 14, 6, 3, 3, 8, 1, 2, 2, 1),
	shape(1, 14, 14, 6, 3, 3, 9, 2, 3, 3, 3),
	shape(2, 10, 7, 6, 3, 3, 6, 1, 1, 1, 6),
	shape(1, 10, 7, 4, 3, 3, 8, 2, 1, 1, 4),
	shape(1, 8, 9, 70, 7, 7, 5, 1, 3, 1, 1),
	shape(2, 5, 5, 3, 2, 2, 4, 3, 0, 1, 1),
	shape(1, 4, 4, 128, 4, 4, 1, 1, 0, 1, 1),
	shape(40, 1, 1, 10, 1, 1, 3, 1, 0, 1, 1),
	shape(1, 1, 40, 12, 1, 7, 10, 3, 0, 1, 1),
	shape(1, 12, 13, 16, 3, 3, 13, 1, -2, 1, 1),
	shape(1, 3, 30, 2, 3, 5, 5, 1, 2, 1, 1),
	shape(1, 4, 5, 8, 3, 3, 70, 1, 1, 1, 1),
	shape(1, 9, 6, 67, 3, 3, 20, 1, 0, 1, 1),
	shape(2, 33, 34, 8, 3, 3, 8, 1, 1, 1, 1), // tiles enough for several partial sums
	shape(2, 12, 14, 9, 4, 4, 17, 2, 1, 1, 1),
	shape(1, 15, 12, 17, 5, 5, 9, 2, 2, 1, 1),
	shape(1, 7, 9, 8, 5, 5, 20, 1, 2, 1, 1),
	shape(1, 6, 9, 10, 7, 7, 8, 1, 3, 1, 1),
	shape(1, 10, 13, 8, 7, 7, 11, 2, 3, 1, 1),
	shape(1, 7, 5, 9, 9, 9, 8, 1, 4, 1, 1),
	shape(1, 9, 8, 20, 4, 4, 9, 1, 2, 1, 1),
	shape(2, 10, 13, 10, 4, 4, 37, 2, 1, 1, 1), // phases
	shape(3, 4, 5, 6, 4, 5, 18, 1, 0, 1, 1),    // a kernel as large as the image
	shape(1, 13, 17, 18, 6, 6, 9, 3, 2, 1, 1),
	shape(1, 18, 22, 9, 8, 7, 11, 4, 2, 1, 1),
	shape(1, 9, 6, 33, 2, 2, 16, 1, 0, 1, 1),
	shape(3, 8, 8, 130, 4, 4, 34, 2, 1, 1, 1),
	shape(2, 6, 13, 3, 9, 9, 16, 1, 4, 1, 1), // Toom and Cook's
	shape(2, 6, 13, 16, 9, 9, 3, 1, 4, 1, 1),
	shape(1, 9, 14, 5, 7, 7, 48, 1, 3, 1, 1),
	shape(1, 9, 14, 80, 7, 7, 8, 1, 3, 1, 1),
	shape(2, 11, 3, 32, 5, 5, 3, 1, 2, 1, 1),
	shape(1, 11, 12, 4, 5, 5, 32, 1, 0, 1, 1),
	shape(1, 3, 107, 16, 3, 12, 5, 1, 5, 1, 1),
	shape(1, 103, 9, 2, 6, 4, 16, 1, 3, 1, 1),
	shape(1, 12, 13, 16, 5, 5, 2, 1, -2, 1, 1),
	shape(2, 1, 13, 32, 1, 4, 48, 1, 0, 1, 1), // sequences
	shape(3, 1, 30, 144, 1, 4, 32, 1, 0, 1, 1),
	lineShape(2, 2, 7, 80, 96, 2, 1),
	lineShape(1, 1, 19, 48, 32, -2, 4),
	shape(1, 9, 9, 206, 3, 3, 40, 2, 1, 1, 1), // several chains
	shape(2, 9, 21, 10, 3, 3, 17, 2, 1, 1, 1), // bands
)

// withBF16 adds those shapes a second time for which operands may be rounded to bfloat16.
func withBF16(shapes ...Shape) []Shape {
	for _, s := range shapes[:len(shapes):len(shapes)] {
		s.BF16 = true
		for d := range Weight + 1 {
			if a := Plan(&s, d); a == Implicit || a == Pointwise {
				shapes = append(shapes, s)
				break
			}
		}
	}
	return shapes
}

// lineShape returns a shape with a kernel of 1×4.
func lineShape(n, h, w, cin, cout, left, right int) Shape {
	s := shape(n, h, w, cin, 1, 4, cout, 1, 0, 1, 1)
	s.PadL, s.PadR = left, right
	s.fit()
	return s
}

func TestAgainstReference(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, s := range cases {
			for d := range Weight + 1 {
				s.verify(t, d, r)
			}
		}
	})
}

// drawShape draws any shape there is: no symmetry, any stride, dilation, group, crop and output size.
func drawShape(t *rapid.T) Shape {
	small := rapid.IntRange(1, 4)
	pad := rapid.IntRange(-2, 4)
	g := rapid.IntRange(1, 3).Draw(t, "groups")
	s := Shape{
		N: rapid.IntRange(1, 2).Draw(t, "n"), H: rapid.IntRange(1, 9).Draw(t, "h"), W: rapid.IntRange(1, 9).Draw(t, "w"),
		Cin: g * rapid.IntRange(1, 6).Draw(t, "cin"), Cout: g * rapid.IntRange(1, 6).Draw(t, "cout"), Groups: g,
		KH: small.Draw(t, "kh"), KW: small.Draw(t, "kw"), StrideH: small.Draw(t, "sh"), StrideW: small.Draw(t, "sw"),
		PadT: pad.Draw(t, "top"), PadB: pad.Draw(t, "bottom"), PadL: pad.Draw(t, "left"), PadR: pad.Draw(t, "right"),
		DilH: small.Draw(t, "dh"), DilW: small.Draw(t, "dw"),
	}
	if rapid.Bool().Draw(t, "tiled") { // the shapes for Winograd
		s.DilH, s.DilW, s.Groups = 1, 1, 1
		s.Cin, s.Cout = s.Cin+7, s.Cout+7
		s.H, s.W = s.H+4, s.W+4
		s.KH, s.KW = s.KH+1, s.KW+1
	}
	if rapid.Bool().Draw(t, "thin") { // the shapes for ToomCook
		s.DilH, s.DilW, s.Groups, s.StrideH, s.StrideW = 1, 1, 1, 1, 1
		s.W, s.KW, s.Cin = s.W+3, s.KW+3, 16
		s.Cout = rapid.IntRange(1, fewChannels).Draw(t, "few")
		if rapid.Bool().Draw(t, "turned") {
			s.Cin, s.Cout = s.Cout, s.Cin
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "sequence") == 0 { // the shapes for Sequence
		s.DilH, s.DilW, s.Groups, s.StrideH, s.StrideW = 1, 1, 1, 1, 1
		s.W, s.KH, s.KW, s.PadT, s.PadB = s.W+6, 1, 4, 0, 0
		s.Cin, s.Cout = 16*rapid.IntRange(2, 5).Draw(t, "vectors in"), 16*rapid.IntRange(2, 5).Draw(t, "vectors out")
	}
	s.fit()
	if s.OH < 1 || s.OW < 1 || s.H+s.PadT+s.PadB < s.DilH*(s.KH-1)+1 || s.W+s.PadL+s.PadR < s.DilW*(s.KW-1)+1 {
		t.Skip("no output")
	}
	s.OH = rapid.IntRange(1, s.OH).Draw(t, "oh")
	s.OW = rapid.IntRange(1, s.OW).Draw(t, "ow")
	return s
}

func TestAnyShape(t *testing.T) {
	levels(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s := drawShape(t)
			s.BF16 = rapid.Bool().Draw(t, "bf16")
			r := rand.New(rand.NewPCG(3, rapid.Uint64().Draw(t, "seed")))
			s.verify(t, Direction(rapid.IntRange(0, 2).Draw(t, "direction")), r)
		})
	})
}

// With many weights, tiles are transformed before the weights; the bits are the same, and the limits of room change nothing.
func TestStagedIsBlocked(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for _, s := range []Shape{shape(2, 13, 9, 10, 3, 3, 70, 1, 1, 1, 1), shape(1, 12, 16, 9, 5, 5, 36, 2, 2, 1, 1)} {
			for d := range Input + 1 {
				in, w := s.operands(d, r)
				want := s.compute(t, d, in, w)
				g := s.winograd(d)
				kernels := g.kernels(make([]float32, g.kernelsLen()), w)
				u := make([]float32, g.weightsLen())
				g.weights(u, kernels)
				for _, room := range []int{stagedRoom, 1} {
					got := make([]float32, len(want))
					g.staged(got, in, kernels, nil, room)
					require.True(t, slices.Equal(want, got), "%v of %+v", d, s)
					clear(got)
					g.staged(got, in, nil, u, room)
					require.True(t, slices.Equal(want, got), "%v of %+v, transformed weights", d, s)
				}
			}
		}
	})
}

// However the tiles are cut for a weight gradient, it is right: all at once or few at a time, with few jobs, many, or one that
// takes no turns with others, and in parts.
func TestWeightHoweverCut(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(17, 18))
		for _, s := range []Shape{
			shape(2, 33, 34, 9, 3, 3, 20, 1, 1, 1, 1), shape(3, 9, 21, 8, 3, 3, 64, 1, 0, 1, 1), shape(1, 9, 17, 70, 3, 3, 65, 1, 1, 1, 1),
			shape(1, 9, 17, 66, 5, 5, 67, 1, 2, 1, 1),
		} {
			x, dy := s.operands(Weight, r)
			dw := make([]float32, s.KH*s.KW*s.Cin*s.Cout)
			g := s.winograd(Output)
			for _, room := range []int{stagedTiles, 1} {
				g.weightStaged(dw, x, dy, room)
				s.compare(t, Weight, dw, x, dy)
				clear(dw)
			}
			if len(g.pieces) == 1 {
				g.weightInParts(dw, x, dy)
				s.compare(t, Weight, dw, x, dy)
			}
		}
		s := shape(2, 48, 50, 8, 3, 3, 8, 1, 1, 1, 1)
		require.GreaterOrEqual(t, s.winograd(Output).tiles(), manyTiles)
		s.verify(t, Weight, r)
	})
}

// The room for transformed tiles changes no bits of an image; a weight gradient is summed in other parts.
func TestSequenceInParts(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		s := lineShape(9, 2, 38, 48, 80, 1, 2)
		for d := range Input + 1 {
			in, w := s.operands(d, r)
			g := s.sequence(d)
			u := make([]float32, g.weightsLen())
			g.weights(u, w)
			want := s.compute(t, d, in, w)
			got := make([]float32, len(want))
			g.run(got, in, u, 1)
			require.Equal(t, want, got)
		}
		x, dy := s.operands(Weight, r)
		want := s.compute(t, Weight, x, dy)
		got := make([]float32, len(want))
		s.sequence(Output).gradient(got, x, dy, 60*linePoints*3*sequenceSide)
		for i, v := range want {
			require.InDelta(t, v, got[i], 5e-5)
		}
	})
}

// ⟨Forward(x,w), y⟩ = ⟨x, GradInput(y,w)⟩ = ⟨w, GradWeight(x,y)⟩.
func TestAdjoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t)
		r := rand.New(rand.NewPCG(4, rapid.Uint64().Draw(t, "seed")))
		ny, nx, nw := s.sizes()
		x, w, y := random(r, nx), random(r, nw), random(r, ny)
		fy, fx, fw := make([]float32, ny), make([]float32, nx), make([]float32, nw)
		Forward(fy, x, w, &s)
		GradInput(fx, y, w, &s)
		GradWeight(fw, x, y, &s)
		tol := 1e-5 * math.Sqrt(dot(x, x)*dot(w, w)*dot(y, y))
		require.InDelta(t, dot(fy, y), dot(x, fx), tol)
		require.InDelta(t, dot(fy, y), dot(w, fw), tol)
	})
}

func dot(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

func TestBitsDoNotDependOnCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, s := range append(cases[:len(cases):len(cases)], shape(4, 20, 20, 8, 3, 3, 20, 1, 1, 1, 1), shape(2, 20, 24, 3, 9, 9, 8, 1, 4, 1, 1)) {
			for d := range Weight + 1 {
				a, b := s.operands(d, r)
				var first []float32
				for _, procs := range []int{1, 2, 3, 8} {
					runtime.GOMAXPROCS(procs)
					got := s.compute(t, d, a, b)
					if first == nil {
						first = got
					}
					require.True(t, slices.Equal(first, got), "%v of %+v on %d cores", d, s, procs)
				}
			}
		}
	})
}

// An image computed alone gives the same bits as in a batch.
func TestBitsDoNotDependOnBatch(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, s := range cases {
			s.N = 5
			for d := range Input + 1 {
				a, b := s.operands(d, r)
				all := s.compute(t, d, a, b)
				one := s
				one.N = 1
				for n := range s.N {
					got := one.compute(t, d, a[n*len(a)/s.N:(n+1)*len(a)/s.N], b)
					require.True(t, slices.Equal(all[n*len(got):(n+1)*len(got)], got), "%v of %+v, image %d", d, s, n)
				}
			}
		}
	})
}

func TestNaNAndInfReachTheirOutputs(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, s := range cases {
			ny, nx, nw := s.sizes()
			hit := make([]bool, ny)
			s.terms(func(iy, ix, _ int) { hit[iy] = hit[iy] || ix == nx/2 })
			for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
				x, w, y := make([]float32, nx), make([]float32, nw), make([]float32, ny)
				x[nx/2] = bad // all weights are zero: 0·NaN and 0·∞ are NaN
				Forward(y, x, w, &s)
				for i, v := range y {
					if hit[i] {
						require.True(t, v != v, "%+v: output %d is %v", s, i, v)
					}
				}
			}
		}
	})
}

func TestEmpty(t *testing.T) {
	s := shape(0, 5, 5, 3, 3, 3, 4, 1, 1, 1, 1)
	w := make([]float32, 3*3*3*4)
	w[0] = 1
	Forward(nil, nil, w, &s)
	GradInput(nil, nil, w, &s)
	GradWeight(w, nil, nil, &s)
	require.Equal(t, make([]float32, len(w)), w)
}

func TestPanicsOnWrongSizes(t *testing.T) {
	s := shape(1, 5, 5, 3, 3, 3, 4, 1, 1, 1, 1)
	ny, nx, nw := s.sizes()
	require.Panics(t, func() { Forward(make([]float32, ny-1), make([]float32, nx), make([]float32, nw), &s) })
	require.Panics(t, func() { Forward(make([]float32, ny), make([]float32, nx), make([]float32, nw+1), &s) })
	s.Groups = 2
	require.Panics(t, func() { Forward(make([]float32, ny), make([]float32, nx), make([]float32, nw), &s) })
}
