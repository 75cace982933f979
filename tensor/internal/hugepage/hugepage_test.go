package hugepage

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFloats(t *testing.T) {
	for _, n := range []int{0, 1, least - 1, least, least + 1, 1 << 20, 3<<20 + 5} {
		x := Floats(n)
		require.Len(t, x, n)
		for _, v := range x {
			require.Zero(t, v)
		}
	}
}

// What is asked for must not disturb what lies in the same pages and is written meanwhile.
func TestNeighboursKeepTheirValues(t *testing.T) {
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			var mine [][]float32
			for i := range 60 {
				x := Floats(1000 + 40000*(i%2)*(g+1))
				for j := range x {
					x[j] = float32(g*100 + i)
				}
				mine = append(mine, x)
			}
			for i, x := range mine {
				for _, v := range x {
					if v != float32(g*100+i) {
						t.Errorf("goroutine %d: value %v in slice %d", g, v, i)
						return
					}
				}
			}
		})
	}
	all.Wait()
}
