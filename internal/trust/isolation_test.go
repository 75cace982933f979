package trust

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Goroutines that infer with one network at the same time get what one alone gets.
func TestConcurrentInference(t *testing.T) {
	for _, family := range familyNames() {
		t.Run(family, func(t *testing.T) {
			s := families[family]()
			want, err := s.infer()
			require.NoError(t, err)
			const users, times = 8, 3
			got := make([][]float32, users*times)
			errs := make([]error, users*times)
			var wg sync.WaitGroup
			for u := range users {
				wg.Go(func() {
					for i := u; i < len(got); i += users {
						got[i], errs[i] = s.infer()
					}
				})
			}
			wg.Wait()
			for i := range got {
				require.NoError(t, errs[i])
				require.Equal(t, want, got[i])
			}
		})
	}
}

// Runs that train at the same time, all families and each twice, end as if alone.
func TestConcurrentTraining(t *testing.T) {
	type result struct {
		values, inferred []float32
		err              error
	}
	alone := map[string]result{}
	for _, family := range familyNames() {
		var r result
		r.values, r.inferred, r.err = outcome(family, runOf(""))
		require.NoError(t, r.err)
		alone[family] = r
	}
	names := append(familyNames(), familyNames()...)
	results := make([]result, len(names))
	var wg sync.WaitGroup
	for i, family := range names {
		dir := t.TempDir()
		wg.Go(func() { results[i].values, results[i].inferred, results[i].err = outcome(family, runOf(dir)) })
	}
	wg.Wait()
	for i, family := range names {
		require.NoError(t, results[i].err)
		require.Equal(t, alone[family], results[i], family)
	}
}

// After runs that ended, were cancelled or failed, no goroutine is left.
func TestNoGoroutineIsLeft(t *testing.T) {
	use := func() {
		for _, family := range []string{"gan/DCGAN", "srgan/SRGAN", "txt2img/style"} {
			for _, end := range []func() error{
				func() error { _, _, err := outcome(family, runOf(t.TempDir())); return err },
				func() error { return cancelled(family, t.TempDir()) },
				func() error { return failed(family) },
			} {
				require.NoError(t, end())
			}
		}
	}
	use() // what lives as long as the process has begun now
	before := settled(0)
	for range 3 {
		use()
	}
	require.LessOrEqual(t, settled(before), before)
}

// settled waits until no more than want goroutines are left, or for as long as ends may take, and returns how many there are.
func settled(want int) int {
	n := runtime.NumGoroutine()
	for range 100 {
		if n <= want {
			break
		}
		time.Sleep(5 * time.Millisecond)
		n = runtime.NumGoroutine()
	}
	return n
}
