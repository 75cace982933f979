package trust

import (
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/nn/train"
	"github.com/stretchr/testify/require"
)

// A few updates of every model, and an inference by the result, give the same bits on 1, 2, 3 and 8 cores, when repeated, and
// when the run is killed between two checkpoints and goes on with another number of cores.
func TestSameBitsEveryTime(t *testing.T) {
	for _, family := range familyNames() {
		t.Run(family, func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			fresh := families[family]().values()
			want, inferred, err := outcome(family, runOf(""))
			require.NoError(t, err)
			require.NotEqual(t, fresh, want, "it must have learned something")
			require.NotEmpty(t, inferred)
			for _, procs := range []int{1, 2, 3, 8} {
				runtime.GOMAXPROCS(procs)
				got, again, err := outcome(family, runOf(""))
				require.NoError(t, err)
				require.Equal(t, want, got, "training on %d cores", procs)
				require.Equal(t, inferred, again, "inference on %d cores", procs)
			}

			killed := errors.New("killed")
			run := runOf(t.TempDir())
			run.OnLog = func(r train.Record) error {
				if r.Step == 3 { // the checkpoint is of step 2
					return killed
				}
				return nil
			}
			runtime.GOMAXPROCS(2)
			_, _, err = outcome(family, run)
			require.ErrorIs(t, err, killed)
			run.OnLog = nil
			var said said
			run.Progress = &said
			runtime.GOMAXPROCS(3)
			got, again, err := outcome(family, run)
			require.NoError(t, err)
			require.Contains(t, string(said), "going on from step 2")
			require.Equal(t, want, got, "an interrupted run")
			require.Equal(t, inferred, again, "inference after an interrupted run")
		})
	}
}

// said is what a run told.
type said []byte

var _ io.Writer = (*said)(nil)

func (s *said) Write(b []byte) (int, error) {
	*s = append(*s, b...)
	return len(b), nil
}
