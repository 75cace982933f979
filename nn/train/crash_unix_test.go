//go:build linux || darwin

package train_test

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// limitVariable tells the test binary that it is the process whose files cannot grow.
const limitVariable = "GANDER_TRAIN_TEST_LIMIT"

// A limit on the size of files does what a full disk does, without a disk of its own.
func TestFilesThatCannotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("plays many runs")
	}
	if os.Getenv(limitVariable) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFilesThatCannotGrow$", "-test.v")
		cmd.Env = append(os.Environ(), limitVariable+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		t.Log(string(out))
		return
	}
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	signal.Ignore(syscall.SIGXFSZ)
	limit := func(n uint64) {
		l := before
		l.Cur = min(n, before.Max)
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l))
	}
	amounts := []int{0, 1000, 3000, 12_000}
	withoutSpace(t, amounts, t.TempDir, func(left int) { limit(uint64(left)) }, func() { limit(before.Cur) }, syscall.EFBIG)
}
