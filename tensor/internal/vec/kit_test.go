package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// levels runs f once for each set of instructions that the processor has.
func levels(t *testing.T, f func(t *testing.T)) {
	for _, l := range cpu.Levels() {
		t.Run(l.String(), func(t *testing.T) {
			defer cpu.Use(l)()
			f(t)
		})
	}
}

// special are the values that arithmetic treats in a way of their own.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)),
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-126, -0x1p-127, math.MaxFloat32, -math.MaxFloat32,
	88.8, -104.5, -87.5, 9.1, 0.5, 1.5, 2.5, 255.5, 256,
}

// moderate returns a value that no formula makes special.
func moderate(r *rand.Rand) float32 { return float32(r.NormFloat64() * 2) }

// wild returns a special value often.
func wild(r *rand.Rand) float32 {
	switch r.IntN(4) {
	case 0:
		return special[r.IntN(len(special))]
	case 1:
		return math.Float32frombits(r.Uint32())
	}
	return moderate(r)
}

// A guarded slice has cells on both sides that must not change. It starts at any place within a vector.
type guarded struct {
	all  []float32
	data []float32
	was  []float32
}

const guard = 40

func newGuarded(r *rand.Rand, n int, draw func(*rand.Rand) float32) *guarded {
	at := guard + r.IntN(17)
	all := make([]float32, at+n+guard)
	for i := range all {
		all[i] = draw(r)
	}
	return &guarded{all: all, data: all[at : at+n : at+n], was: slices.Clone(all)}
}

// intact reports whether nothing has changed, or nothing but data where it was written.
func (g *guarded) intact(written bool) bool {
	at := len(g.all) - guard - len(g.data)
	for i, v := range g.all {
		if written && i >= at && i < at+len(g.data) {
			continue
		}
		if math.Float32bits(v) != math.Float32bits(g.was[i]) {
			return false
		}
	}
	return true
}

// sameBits reports whether a and b are equal to the bit, or both NaN.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func requireSame(t *testing.T, want, got []float32, format string, args ...any) {
	t.Helper()
	for i := range want {
		if !sameBits(want[i], got[i]) {
			require.FailNow(t, fmt.Sprintf(format, args...), "element %d of %d: want %v (%#x), got %v (%#x)",
				i, len(want), want[i], math.Float32bits(want[i]), got[i], math.Float32bits(got[i]))
		}
	}
}

// lengths are all up to past the longest unrolling, and a few beyond the tile.
func lengths() []int {
	var all []int
	for n := range 150 {
		all = append(all, n)
	}
	return append(all, 511, 512, 513, 1000, 1537)
}
