package train_test

import (
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/train"
	"github.com/stretchr/testify/require"
)

// playSteps plays a large enough game for so many steps and returns the bytes allocated by all but the first ten.
func playSteps(tb testing.TB, steps, shards int) (bytes uint64) {
	net := newPerceptron(2, 4096, 1, 1)
	batch, err := products(0, data.Stream(1))
	require.NoError(tb, err)
	one := data.Func[regression](func(int, *rand.Rand) (regression, error) { return batch, nil })
	var before, after runtime.MemStats
	p := regress(net)
	p.EMA = 0.9
	run := train.Run{Steps: steps + 10, LogEvery: 10, Shards: shards, Progress: io.Discard, OnLog: func(r train.Record) error {
		if r.Step == 10 {
			runtime.ReadMemStats(&before)
		}
		return nil
	}}
	require.NoError(tb, train.Play(context.Background(), run, []train.Player[regression]{p}, one))
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// One hidden layer of a batch is 512 KiB here. A steady step makes dozens of them and allocates far
// less than one: headers, and the kernels' small sums.
func TestSteadyStepAllocatesNoTensor(t *testing.T) {
	for _, shards := range []int{1, 2} {
		require.Less(t, playSteps(t, 20, shards)/20, uint64(256<<10), "bytes per step with %d shards", shards)
	}
}

func BenchmarkStep(b *testing.B) {
	b.ReportAllocs()
	bytes := playSteps(b, b.N, 1)
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/step")
}
