package par

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// onCores runs f for several values of GOMAXPROCS.
func onCores(t *testing.T, f func(t *testing.T)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 3, 8, 2} {
		runtime.GOMAXPROCS(procs)
		t.Run(fmt.Sprint(procs), f)
	}
}

func TestForCoversEachBlockOnce(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for _, n := range []int{-1, 0, 1, 2, 7, 64, 1000} {
			for _, grain := range []int{-1, 0, 1, 3, 64, 2000} {
				count := make([]atomic.Int32, max(n, 0))
				For(n, grain, func(lo, hi int) {
					g := max(grain, 1)
					if lo%g != 0 || hi != min(lo+g, n) {
						t.Errorf("block [%d,%d) of %d by %d", lo, hi, n, grain)
					}
					for i := lo; i < hi; i++ {
						count[i].Add(1)
					}
				})
				for i := range count {
					require.EqualValues(t, 1, count[i].Load(), "element %d of %d by %d", i, n, grain)
				}
			}
		}
	})
}

func TestForNests(t *testing.T) {
	onCores(t, func(t *testing.T) {
		var sum atomic.Int64
		For(10, 1, func(lo, _ int) {
			For(10, 3, func(a, b int) {
				for i := a; i < b; i++ {
					For(4, 1, func(c, _ int) { sum.Add(int64(lo*100 + i*10 + c)) })
				}
			})
		})
		require.EqualValues(t, 45*100*40+45*10*40+6*100, sum.Load())
	})
}

func TestForFromManyGoroutines(t *testing.T) {
	onCores(t, func(t *testing.T) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				for range 50 {
					x := make([]int, 100)
					For(len(x), 7, func(lo, hi int) {
						for i := lo; i < hi; i++ {
							x[i]++
						}
					})
					if slices.Contains(x, 0) || slices.Max(x) > 1 {
						t.Error("a block was lost or done twice")
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestPanicComesOutOfFor(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for bad := range 20 {
			require.PanicsWithValue(t, bad, func() {
				For(20, 1, func(lo, _ int) {
					if lo == bad {
						panic(lo)
					}
				})
			})
			n := atomic.Int32{}
			For(20, 1, func(_, _ int) { n.Add(1) })
			require.EqualValues(t, 20, n.Load(), "For works after a panic")
		}
	})
}

func TestPanicOfNestedFor(t *testing.T) {
	onCores(t, func(t *testing.T) {
		require.PanicsWithValue(t, "inner", func() {
			For(8, 1, func(_, _ int) {
				For(8, 1, func(lo, _ int) {
					if lo == 5 {
						panic("inner")
					}
				})
			})
		})
	})
}

func TestGoexitInBody(t *testing.T) {
	onCores(t, func(t *testing.T) {
		done := make(chan any)
		go func() {
			defer func() { done <- recover() }()
			For(100, 1, func(lo, _ int) {
				if lo == 50 {
					runtime.Goexit()
				}
			})
		}()
		<-done // the goroutine ends, with or without a panic, depending on who took the block
		n := atomic.Int32{}
		For(20, 1, func(_, _ int) { n.Add(1) })
		require.EqualValues(t, 20, n.Load(), "For works afterwards")
	})
}

func TestForAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // testing.AllocsPerRun would set it to 1
	var x [64]int
	body := func(lo, _ int) { x[lo]++ }
	var before, after runtime.MemStats
	For(len(x), 1, body)
	runtime.ReadMemStats(&before)
	for range 1000 {
		For(len(x), 1, body)
	}
	runtime.ReadMemStats(&after)
	require.Less(t, after.Mallocs-before.Mallocs, uint64(900)) // under the race detector pools forget on purpose
}

// What the body writes is seen after For, and what was written before is seen in the body: the race detector checks.
func TestForOrdersMemory(t *testing.T) {
	onCores(t, func(t *testing.T) {
		x, y := make([]int, 512), make([]int, 512)
		for round := range 100 {
			for i := range x {
				x[i] = round * i
			}
			For(len(x), 16, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					y[i] = x[i] + 1
				}
			})
			for i := range y {
				if y[i] != round*i+1 {
					t.Fatalf("round %d: y[%d] = %d", round, i, y[i])
				}
			}
		}
	})
}

func BenchmarkEmpty(b *testing.B) {
	for _, blocks := range []int{2, 16} {
		b.Run(fmt.Sprint(blocks), func(b *testing.B) {
			body := func(_, _ int) {}
			for b.Loop() {
				For(blocks, 1, body)
			}
		})
	}
}

// BenchmarkRegions is many short regions, as in a step over small tensors.
func BenchmarkRegions(b *testing.B) {
	x := make([]float32, 1<<16)
	body := func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x[i] = x[i]*0.5 + 1
		}
	}
	for b.Loop() {
		For(len(x), 1<<12, body)
	}
}
