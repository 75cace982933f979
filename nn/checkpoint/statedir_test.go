package checkpoint

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

func stateOf(step int) *State {
	s := &State{Meta: map[string]string{"note": "x"}}
	s.AddInts("step", int64(step))
	s.AddTensor("w", tensor.Full(float32(step), 4, 5))
	return s
}

func damage(t *testing.T, path string) {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	b[len(b)-1] ^= 1
	require.NoError(t, os.WriteFile(path, b, 0o644))
}

func requireLatest(t *testing.T, dir string, step int, skipped ...string) {
	t.Helper()
	found, err := Latest(dir)
	require.NoError(t, err)
	require.Len(t, found.Skipped, len(skipped))
	for i, want := range skipped {
		require.EqualError(t, found.Skipped[i], want)
	}
	require.Equal(t, step, found.Step)
	require.Equal(t, StatePath(dir, step), found.Path)
	n, err := found.State.Int("step")
	require.NoError(t, err)
	require.Equal(t, int64(step), n)
}

func TestLatestSkipsDamagedStates(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run", "states")
	found, err := Latest(dir)
	require.NoError(t, err)
	require.Equal(t, Found{}, found)
	require.NoError(t, Prune(dir, 1))

	for _, step := range []int{0, 100, 200, 123456789, 300} {
		require.NoError(t, WriteStep(dir, step, stateOf(step)))
	}
	require.Equal(t, filepath.Join(dir, "step-00000300.state"), StatePath(dir, 300))
	requireLatest(t, dir, 123456789)

	// Not states: other files, leftovers, names that StatePath would not give, folders.
	for _, name := range []string{"notes.txt", ".step-00000400.state.0123abcd.tmp", "step-400.state", "step-0000000400.state", "step-00000400.state.bak"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644))
	}
	requireLatest(t, dir, 123456789)

	damage(t, StatePath(dir, 123456789))
	info, err := os.Stat(StatePath(dir, 300))
	require.NoError(t, err)
	require.NoError(t, os.Truncate(StatePath(dir, 300), info.Size()-4))
	// A copy under another step's name is no state of that step.
	b, err := os.ReadFile(StatePath(dir, 100))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(StatePath(dir, 250), b, 0o644))
	require.NoError(t, os.Mkdir(StatePath(dir, 260), 0o755))
	requireLatest(t, dir, 200,
		"checkpoint: "+StatePath(dir, 123456789)+": the file is damaged: its checksum does not hold",
		"checkpoint: "+StatePath(dir, 300)+": cut short: the header promises 88 bytes of data, the file has 84",
		"checkpoint: "+StatePath(dir, 260)+": not a regular file",
		"checkpoint: "+StatePath(dir, 250)+": holds the state of another step than its name says")

	for _, step := range []int{0, 100, 200} {
		damage(t, StatePath(dir, step))
	}
	found, err = Latest(dir)
	require.NoError(t, err)
	require.Nil(t, found.State)
	require.Len(t, found.Skipped, 7)

	_, err = Latest(StatePath(dir, 100))
	require.Error(t, err)
	require.Panics(t, func() { _ = WriteStep(dir, -1, stateOf(0)) })
}

func TestPruneKeepsGoodStates(t *testing.T) {
	dir := t.TempDir()
	for step := range 6 {
		require.NoError(t, WriteStep(dir, step, stateOf(step)))
	}
	damage(t, StatePath(dir, 1))
	damage(t, StatePath(dir, 4))
	for _, name := range []string{".step-00000005.state.0123abcd.tmp", ".other.0123abcd.tmp", "notes.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	require.NoError(t, Prune(dir, 2))
	requireFiles(t, dir, ".other.0123abcd.tmp", "notes.txt", "step-00000003.state", "step-00000004.state", "step-00000005.state")
	requireLatest(t, dir, 5)
	// The only good state stays, however many damaged ones are newer.
	damage(t, StatePath(dir, 5))
	require.NoError(t, Prune(dir, 1))
	requireLatest(t, dir, 3,
		"checkpoint: "+StatePath(dir, 5)+": the file is damaged: its checksum does not hold",
		"checkpoint: "+StatePath(dir, 4)+": the file is damaged: its checksum does not hold")
	require.Panics(t, func() { _ = Prune(dir, 0) })
}

const writerEnv = "GANDER_TEST_STATE_WRITER"

// TestWriterToBeKilled writes states for ever, in the process that TestKilledWriters starts.
func TestWriterToBeKilled(t *testing.T) {
	dir := os.Getenv(writerEnv)
	if dir == "" {
		t.Skip("run by TestKilledWriters")
	}
	found, err := Latest(dir)
	require.NoError(t, err)
	for step := found.Step + 1; ; step++ {
		s := stateOf(step)
		s.AddTensor("ballast", tensor.Full(float32(step), 1<<18))
		require.NoError(t, WriteStep(dir, step, s))
		require.NoError(t, Prune(dir, 2))
	}
}

// A writer that is killed at any moment leaves a good state to go on from, and what it leaves besides is cleaned up.
func TestKilledWriters(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 1))
	last := 0
	for range 8 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestWriterToBeKilled$")
		cmd.Env = append(os.Environ(), writerEnv+"="+dir)
		require.NoError(t, cmd.Start())
		// Once it has gone on from where the last one was, any moment will do.
		for start := time.Now(); ; time.Sleep(time.Millisecond) {
			steps, err := listSteps(dir)
			require.NoError(t, err)
			if len(steps) > 0 && steps[len(steps)-1] > last {
				break
			}
			require.Less(t, time.Since(start), time.Minute, "the writer writes nothing")
		}
		time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond)
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())

		found, err := Latest(dir)
		require.NoError(t, err)
		require.Empty(t, found.Skipped)
		require.Greater(t, found.Step, last)
		n, err := found.State.Int("step")
		require.NoError(t, err)
		require.Equal(t, int64(found.Step), n)
		last = found.Step
	}
	require.NoError(t, Prune(dir, 1))
	requireFiles(t, dir, filepath.Base(StatePath(dir, last)))
}

func TestPruneOfTwoKinds(t *testing.T) {
	dir := t.TempDir()
	for step := range 9 {
		require.NoError(t, WriteStep(dir, step, stateOf(step)))
	}
	damage(t, StatePath(dir, 3))
	require.NoError(t, PruneApart(dir, 2, func(step int) bool { return step > 4 }))
	requireFiles(t, dir, "step-00000002.state", "step-00000003.state", "step-00000004.state", "step-00000007.state", "step-00000008.state")
}

func TestRewind(t *testing.T) {
	dir := t.TempDir()
	for step := range 6 {
		require.NoError(t, WriteStep(dir, 10*step+10, stateOf(10*step+10)))
	}
	damage(t, StatePath(dir, 40))
	_, ok, err := Rewind(dir, 9)
	require.NoError(t, err)
	require.False(t, ok)
	requireLatest(t, dir, 60)
	to, ok, err := Rewind(dir, 45)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 30, to, "the one of 40 is damaged")
	requireLatest(t, dir, 30)
	requireFiles(t, dir, "step-00000010.state", "step-00000020.state", "step-00000030.state")
	_, ok, err = Rewind(filepath.Join(dir, "none"), 100)
	require.NoError(t, err)
	require.False(t, ok)
}
