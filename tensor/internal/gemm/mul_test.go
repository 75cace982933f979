package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// mulRef is the definition, in float64: one loop per index. It also returns Σ|a·b|, which scales the tolerance.
func mulRef(a, b []float32, m, n, k, lda, ldb int, transA, transB bool) (c, abs []float64) {
	ai, ap, bp, bj := lda, 1, ldb, 1
	if transA {
		ai, ap = 1, lda
	}
	if transB {
		bp, bj = 1, ldb
	}
	c, abs = make([]float64, m*n), make([]float64, m*n)
	for i := range m {
		for j := range n {
			var sum, all float64
			for p := range k {
				v := float64(a[i*ai+p*ap]) * float64(b[p*bp+j*bj])
				sum += v
				all += math.Abs(v)
			}
			c[i*n+j], abs[i*n+j] = sum, all
		}
	}
	return c, abs
}

// random returns n values in a slice that has no room behind it.
func random(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = r.Float32() - 0.5
	}
	return s[:n:n]
}

// levels runs f once for each set of instructions that the processor has.
func levels(t *testing.T, f func(t *testing.T)) {
	for _, l := range cpu.Levels() {
		t.Run(l.String(), func(t *testing.T) {
			defer cpu.Use(l)()
			f(t)
		})
	}
}

type mulFunc = func(c, a, b []float32, m, n, k, lda, ldb, ldc int, transA, transB, accumulate bool)

// muls runs f for Mul and for MulBF16, with each set of instructions.
func muls(t *testing.T, f func(t *testing.T, mul mulFunc)) {
	levels(t, func(t *testing.T) {
		t.Run("f32", func(t *testing.T) { f(t, Mul) })
		if BF16() != nil {
			t.Run("bf16", func(t *testing.T) { f(t, MulBF16) })
		}
	})
}

type problem struct {
	m, n, k                    int
	padA, padB, padC           int
	transA, transB, accumulate bool
}

// solve runs Mul with guard cells around c and compares it with the reference.
func (q problem) solve(t require.TestingT, r *rand.Rand) { q.solveBy(t, r, Mul, 1e-6) }

// solveBy is solve with another function and with the error that it may make, in proportion to Σ|a·b|.
func (q problem) solveBy(t require.TestingT, r *rand.Rand, mul mulFunc, within float64) {
	lda, ldb, ldc := q.k+q.padA, q.n+q.padB, q.n+q.padC
	rowsA, rowsB := q.m, q.k
	if q.transA {
		lda, rowsA = q.m+q.padA, q.k
	}
	if q.transB {
		ldb, rowsB = q.k+q.padB, q.n
	}
	tight := func(rows, ld, pad int) int { return max(0, rows*ld-pad) }
	a, b := random(r, tight(rowsA, lda, q.padA)), random(r, tight(rowsB, ldb, q.padB))
	const guard = 40
	all := random(r, guard+q.m*ldc+guard)
	before := slices.Clone(all)
	c := all[guard:][:tight(q.m, ldc, q.padC)]
	keepA, keepB := slices.Clone(a), slices.Clone(b)
	mul(c, a, b, q.m, q.n, q.k, lda, ldb, ldc, q.transA, q.transB, q.accumulate)
	require.True(t, slices.Equal(keepA, a) && slices.Equal(keepB, b), "operands changed")
	want, abs := mulRef(a, b, q.m, q.n, q.k, lda, ldb, q.transA, q.transB)
	for i := range all {
		row, col := (i-guard)/max(ldc, 1), (i-guard)%max(ldc, 1)
		if i < guard || row >= q.m || col >= q.n {
			if before[i] != all[i] {
				require.Failf(t, "written outside c", "%+v: cell %d", q, i-guard)
			}
			continue
		}
		w, tol := want[row*q.n+col], within*abs[row*q.n+col]+1e-7
		if q.accumulate {
			w += float64(before[i])
		}
		if !(math.Abs(float64(all[i])-w) <= tol) {
			require.Failf(t, "wrong product", "%+v: c[%d,%d] = %v, want %v within %g", q, row, col, all[i], w, tol)
		}
	}
}

func TestMulSizes(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		sizes := []int{0, 1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 17, 29, 31, 32, 33, 63, 65, 90}
		for _, m := range sizes {
			for _, n := range sizes {
				k := sizes[r.IntN(len(sizes))]
				flags := r.IntN(8)
				problem{m, n, k, r.IntN(3), r.IntN(3), r.IntN(3), flags&1 != 0, flags&2 != 0, flags&4 != 0}.solve(t, r)
			}
		}
	})
}

func TestMulLarge(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for i, s := range [][3]int{{90, 70, 500}, {1, 1500, 400}, {15, 130, 400}, {190, 3, 800}, {20, 300, 40}, {40, 530, 30}} {
			for flags := i % 2; flags < 8; flags += 3 {
				problem{s[0], s[1], s[2], 0, 3, 1, flags&1 != 0, flags&2 != 0, flags&4 != 0}.solve(t, r)
			}
		}
	})
}

// With little room for packed columns, b is packed in several steps; the bits are the same.
func TestMulInSlabs(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		for _, s := range []struct{ m, n, k, columns int }{{30, 150, 1000, 64}, {170, 600, 400, 530}} {
			m, n, k := s.m, s.n, s.k
			a, b := random(r, m*k), random(r, k*n)
			for flags := range 8 {
				transA, transB, accumulate := flags&1 != 0, flags&2 != 0, flags&4 != 0
				lda, ldb := k, n
				if transA {
					lda = m
				}
				if transB {
					ldb = k
				}
				want, got := make([]float32, m*n), make([]float32, m*n)
				Mul(want, a, b, m, n, k, lda, ldb, n, transA, transB, accumulate)
				p := &product{got, a, b, m, n, k, lda, ldb, n, transA, transB, accumulate, Current()}
				p.packed(s.columns, 1)
				require.True(t, slices.Equal(want, got), "transA=%v transB=%v accumulate=%v", transA, transB, accumulate)
			}
		}
	})
}

func TestMulRandom(t *testing.T) {
	levels(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			size := rapid.IntRange(0, 40)
			pad := rapid.IntRange(0, 9)
			q := problem{
				size.Draw(t, "m"), size.Draw(t, "n"), rapid.IntRange(0, 100).Draw(t, "k"),
				pad.Draw(t, "padA"), pad.Draw(t, "padB"), pad.Draw(t, "padC"),
				rapid.Bool().Draw(t, "transA"), rapid.Bool().Draw(t, "transB"), rapid.Bool().Draw(t, "accumulate"),
			}
			q.solve(t, rand.New(rand.NewPCG(5, rapid.Uint64().Draw(t, "seed"))))
		})
	})
}

func TestMulBitsDoNotDependOnCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	muls(t, func(t *testing.T, mul mulFunc) {
		r := rand.New(rand.NewPCG(7, 8))
		for i, s := range [][3]int{{99, 97, 400}, {5, 600, 420}, {200, 2, 300}, {170, 530, 400}, {170, 530, 400}} {
			m, n, k := s[0], s[1], s[2]
			a, b := random(r, m*k), random(r, k*n)
			for flags := i % 2; flags < 4; flags += 2 {
				lda, ldb := k, n
				if flags&1 != 0 {
					lda = m
				}
				if flags&2 != 0 {
					ldb = k
				}
				var first []float32
				for _, procs := range []int{1, 2, 3, 8} {
					runtime.GOMAXPROCS(procs)
					c := make([]float32, m*n)
					mul(c, a, b, m, n, k, lda, ldb, n, flags&1 != 0, flags&2 != 0, false)
					if first == nil {
						first = c
					}
					require.True(t, slices.Equal(first, c), "%dx%dx%d, transpositions %d, on %d cores", m, n, k, flags, procs)
				}
			}
		}
	})
}

// Rows of a product are the same bits whether they are computed together or alone.
func TestMulBitsDoNotDependOnRows(t *testing.T) {
	muls(t, func(t *testing.T, mul mulFunc) {
		r := rand.New(rand.NewPCG(9, 10))
		const m, k = 60, 400
		for _, n := range []int{1, 3, 5, 31, 33, 100} {
			for flags := range 4 {
				transA, transB := flags&1 != 0, flags&2 != 0
				a, b := random(r, m*k), random(r, k*n)
				lda, ldb, step := k, n, k
				if transA {
					lda, step = m, 1
				}
				if transB {
					ldb = k
				}
				all := make([]float32, m*n)
				mul(all, a, b, m, n, k, lda, ldb, n, transA, transB, false)
				for i := 0; i < m; {
					rows := min(1+i%19, m-i)
					part := make([]float32, rows*n)
					mul(part, a[i*step:], b, rows, n, k, lda, ldb, n, transA, transB, false)
					require.True(t, slices.Equal(all[i*n:(i+rows)*n], part), "n=%d transA=%v transB=%v rows %d+%d", n, transA, transB, i, rows)
					i += rows
				}
			}
		}
	})
}

func TestMulKeepsNaNAndInf(t *testing.T) {
	muls(t, func(t *testing.T, mul mulFunc) {
		for _, n := range []int{1, 3, 20, 100} {
			const m, k = 40, 50
			for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
				a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
				b[17*n+n/2] = bad // all of a is zero: 0·NaN and 0·∞ are NaN
				mul(c, a, b, m, n, k, k, n, n, false, false, false)
				for i, v := range c {
					require.Equal(t, i%n == n/2, v != v, "n=%d element %d", n, i)
				}
			}
		}
	})
}

func TestMulPanicsOnShortSlices(t *testing.T) {
	s := make([]float32, 11)
	require.PanicsWithValue(t, "gemm.Mul: a has 11 values, want 3 rows of 4 at distance 4", func() {
		Mul(make([]float32, 12), s, make([]float32, 16), 3, 4, 4, 4, 4, 4, false, false, false)
	})
	require.Panics(t, func() { Mul(s, make([]float32, 12), make([]float32, 16), 3, 4, 4, 4, 4, 4, false, false, false) })
	require.Panics(t, func() { Mul(make([]float32, 12), make([]float32, 12), s, 3, 4, 4, 4, 4, 4, false, true, false) })
}

func BenchmarkMul(b *testing.B) {
	for _, s := range [][3]int{
		{512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048}, {576, 64, 576}, {9216, 64, 576}, {64, 8192, 4608},
		{16, 1024, 8192}, {1, 4096, 1024}, {4096, 1, 1024}, {40, 1536, 512}, {40, 512, 1536}, {512, 1536, 40},
	} {
		m, n, k := s[0], s[1], s[2]
		for _, tr := range []string{"NN", "NT", "TN"} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", m, n, k, tr), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 1))
				x, y, c := random(r, m*k), random(r, k*n), make([]float32, m*n)
				lda, ldb := k, n
				if tr[0] == 'T' {
					lda = m
				}
				if tr[1] == 'T' {
					ldb = k
				}
				for b.Loop() {
					Mul(c, x, y, m, n, k, lda, ldb, n, tr[0] == 'T', tr[1] == 'T', false)
				}
				rate(b, m, n, k)
			})
		}
	}
}

// Both ways of packing, at every number of rows and columns past the squares that are transposed, write the panels and nothing
// else.
func TestPack(t *testing.T) {
	levels(t, func(t *testing.T) {
		k := Current()
		r := rand.New(rand.NewPCG(13, 14))
		const guard = 16
		for rows := 1; rows <= 35; rows++ {
			for cols := 1; cols <= 2*k.Width+3; cols++ {
				trans, all, at, pad := (rows+cols)%2 == 0, rows+r.IntN(3), 0, r.IntN(4)
				if all > rows {
					at = 1
				}
				ldb, lines := cols+pad, rows
				if trans {
					ldb, lines = rows+pad, cols
				}
				b := random(r, lines*ldb-pad)
				dst := random(r, guard+k.PackedLen(all, cols)+guard)
				want := slices.Clone(dst)
				for j := range (cols + k.Width - 1) / k.Width * k.Width {
					for p := range rows {
						v := float32(0)
						switch {
						case j < cols && trans:
							v = b[j*ldb+p]
						case j < cols:
							v = b[p*ldb+j]
						}
						want[guard+(j/k.Width*all+at+p)*k.Width+j%k.Width] = v
					}
				}
				k.PackRows(dst[guard:len(dst)-guard], all, at, b, rows, cols, ldb, trans)
				require.True(t, slices.Equal(want, dst), "%d×%d, stored transposed: %v, among %d rows", rows, cols, trans, all)
			}
		}
	})
}

// Rows of a that fall on each other in the cache are packed, others are not, and a packed row may be as far from the next as it likes.
func TestMulPacksA(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(15, 16))
		for flags := range 8 {
			problem{131, 520, 33, 1024 - 33, 0, 0, flags&1 != 0, flags&2 != 0, flags&4 != 0}.solve(t, r)
			problem{131, 520, 33, 512 - 33, 0, 0, flags&1 != 0, flags&2 != 0, flags&4 != 0}.solve(t, r)
			problem{150, 70, 401, 1024 - 401, 0, 0, flags&1 != 0, flags&2 != 0, flags&4 != 0}.solve(t, r)
			problem{150, 70, 401, 111, 0, 0, flags&1 != 0, flags&2 != 0, flags&4 != 0}.solve(t, r)
			problem{150, 700, 1100, 0, 0, 0, flags&1 != 0, flags&2 != 0, flags&4 != 0}.solve(t, r)
			problem{20, 530, 390, 0, 0, 0, flags&1 != 0, flags&2 != 0, flags&4 != 0}.solve(t, r)
		}
	})
}

func TestCrowdedRows(t *testing.T) {
	levels(t, func(t *testing.T) {
		for lda, want := range map[int]bool{1024: true, 2048: true, 1023: true, 512: false, 1536: false, 1056: false, 200: false} {
			p := product{lda: lda, kern: Current()}
			require.Equal(t, want && p.kern.tall > 7, p.crowded(), "%d", lda)
		}
	})
}
