package train_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/train"
	"github.com/stretchr/testify/require"
)

// killsVariable says how often TestManyKills kills, for long tests.
const killsVariable = "GANDER_KILLS"

// closeRun saves after every step, so that most moments fall into the writing of something.
func closeRun(dir string) train.Run {
	run := duelRun(dir)
	run.CheckpointEvery, run.Keep = 1, 2
	return run
}

// A process that trains and saves all the time is killed at dozens of random moments. What it leaves is good each time: the newest
// checkpoint is never older than before, and in the end the bits are those of an undisturbed run.
func TestManyKills(t *testing.T) {
	state, log := undisturbed(t)
	kills := 24
	if testing.Short() {
		kills = 4
	}
	if text := os.Getenv(killsVariable); text != "" {
		var err error
		kills, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	rng := rand.New(rand.NewPCG(uint64(os.Getpid()), 2)) // other moments each time
	var steps []int
	torn, runs := 0, 0
	for killed := 0; killed < kills; {
		dir := t.TempDir()
		runs++
		last := -1
		for ; killed < kills; killed++ {
			if live(t, dir, time.Duration(rng.IntN(120_000))*time.Microsecond) {
				break // it came to its end before it was killed
			}
			step, _, ok, err := train.Saved(dir)
			require.NoError(t, err)
			if !ok {
				step = -1
			}
			require.GreaterOrEqual(t, step, last)
			last = step
			steps = append(steps, step)
			left, err := filepath.Glob(filepath.Join(dir, "checkpoints", ".*.tmp"))
			require.NoError(t, err)
			torn += len(left)
		}
		require.NoError(t, newDuel().play(context.Background(), closeRun(dir)))
		gotState, gotLog := contents(t, dir)
		require.Equal(t, state, gotState)
		require.Equal(t, log, gotLog)
		kept, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
		require.NoError(t, err)
		require.Len(t, kept, 2, "the last two checkpoints, and nothing that a killed writer left")
	}
	t.Logf("%d kills of %d survived, in %d runs; %d of them in the middle of a checkpoint; newest checkpoints then: %v", kills, kills, runs, torn, steps)
}

// live lets a process train in dir and kills it after a while. It reports whether the process had ended before that.
func live(t *testing.T, dir string, d time.Duration) (ended bool) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killVariable+"="+dir, closeVariable+"=1")
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	timer := time.AfterFunc(d+20*time.Millisecond, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_, _ = io.Copy(io.Discard, stdout)
	err = cmd.Wait()
	if err != nil {
		require.Equal(t, -1, cmd.ProcessState.ExitCode(), "it must die by the signal alone, not of %s", stderr.String())
	}
	return err == nil
}

// region is a place of a file to be damaged.
type region struct {
	name string
	at   int64
}

// regions are places in every part of a checkpoint: the length of the header, the header, the first, middle and last byte of
// every tensor.
func regions(t *testing.T, path string) []region {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	header := int64(binary.LittleEndian.Uint64(text))
	out := []region{{"length", 0}, {"length, high byte", 7}, {"header, first", 8}, {"header, last", 7 + header}}
	for k := range int64(8) {
		out = append(out, region{fmt.Sprintf("header, %d eighths", k), 8 + k*header/8})
	}
	data := int64(len(text)) - 8 - header
	names := 0
	for rest := text[8 : 8+header]; ; names++ { // "data_offsets":[begin,end]
		_, after, ok := bytes.Cut(rest, []byte(`"data_offsets":[`))
		if !ok {
			break
		}
		var begin, end int64
		_, err := fmt.Sscanf(string(after[:bytes.IndexByte(after, ']')]), "%d,%d", &begin, &end)
		require.NoError(t, err)
		require.LessOrEqual(t, end, data)
		for _, at := range []int64{begin, (begin + end) / 2, end - 1} {
			out = append(out, region{fmt.Sprintf("tensor %d, byte %d", names, at-begin), 8 + header + at})
		}
		rest = after
	}
	require.Greater(t, names, 10)
	return out
}

// A checkpoint that is cut or of which a bit is flipped, wherever, is not gone on from. The run says so, takes the one before, and
// ends with the bits of an undisturbed run.
func TestDamageAnywhereIsSkipped(t *testing.T) {
	state, log := undisturbed(t)
	whole := t.TempDir()
	run := duelRun(whole)
	run.Steps, run.CheckpointEvery = duelSteps-2, 1
	require.NoError(t, newDuel().play(context.Background(), run))
	newest := checkpoint.StatePath("", run.Steps)
	good, err := os.ReadFile(filepath.Join(whole, "checkpoints", newest))
	require.NoError(t, err)
	places := regions(t, filepath.Join(whole, "checkpoints", newest))
	made := 0
	for i, place := range places {
		for kind, spoilt := range map[string][]byte{"flip": flipped(good, place.at, i%8), "cut": good[:place.at]} {
			dir := t.TempDir()
			folder := filepath.Join(dir, "checkpoints")
			if resume := i%24 == 0 || !testing.Short() && i%6 == 0; !resume { // finding it is what matters
				require.NoError(t, os.CopyFS(folder, os.DirFS(filepath.Join(whole, "checkpoints"))))
				require.NoError(t, os.WriteFile(filepath.Join(folder, newest), spoilt, 0o666))
				found, err := checkpoint.Latest(folder)
				require.NoError(t, err)
				require.Len(t, found.Skipped, 1, "%s of %s", kind, place.name)
				require.Equal(t, run.Steps-1, found.Step)
				made++
				continue
			}
			require.NoError(t, os.CopyFS(dir, os.DirFS(whole)))
			require.NoError(t, os.WriteFile(filepath.Join(folder, newest), spoilt, 0o666))
			var said bytes.Buffer
			run := duelRun(dir)
			run.Progress = &said
			require.NoError(t, newDuel().play(context.Background(), run), "%s of %s", kind, place.name)
			require.Contains(t, said.String(), "skipped a damaged checkpoint: ", "%s of %s", kind, place.name)
			require.Contains(t, said.String(), newest)
			require.Contains(t, said.String(), fmt.Sprintf("going on from step %d, ", duelSteps-3))
			gotState, gotLog := contents(t, dir)
			require.Equal(t, state, gotState)
			require.Equal(t, log, gotLog)
			made++
		}
	}
	t.Logf("%d corruptions of %d detected", made, 2*len(places))
}

func flipped(text []byte, at int64, bit int) []byte {
	out := bytes.Clone(text)
	out[at] ^= 1 << bit
	return out
}

// Whatever happened to the other files of a run's folder, the run goes on from its checkpoint: they are written anew.
func TestOtherFilesDoNotStopARun(t *testing.T) {
	state, _ := undisturbed(t)
	for _, spoil := range []func(dir string) error{
		func(dir string) error { return os.WriteFile(filepath.Join(dir, "run.json"), []byte("{{{"), 0o666) },
		func(dir string) error { return os.Remove(filepath.Join(dir, "run.json")) },
		func(dir string) error { return os.Truncate(filepath.Join(dir, "log.jsonl"), 50) },
		func(dir string) error { return os.Remove(filepath.Join(dir, "log.jsonl")) },
		func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "curves.png"), []byte("no picture"), 0o666)
		},
	} {
		dir := t.TempDir()
		run := duelRun(dir)
		run.Steps = 40
		require.NoError(t, newDuel().play(context.Background(), run))
		require.NoError(t, spoil(dir))
		require.NoError(t, newDuel().play(context.Background(), duelRun(dir)))
		got, _ := contents(t, dir)
		require.Equal(t, state, got)
		text, err := os.ReadFile(filepath.Join(dir, "run.json"))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), "{\n\t\"gander\""))
	}
}

// What a killed run left half written is removed when it goes on, and nothing else.
func TestLeftoversAreSwept(t *testing.T) {
	dir := t.TempDir()
	run := duelRun(dir)
	run.Steps = 2
	require.NoError(t, newDuel().play(context.Background(), run))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "samples"), 0o777))
	leftovers := []string{".run.json.0123abcd.tmp", ".log.jsonl.ffffffff.tmp", ".log.csv.0a0a0a0a.tmp", ".curves.png.00000000.tmp", "samples/.step-000007.png.0123abcd.tmp",
		"checkpoints/.step-00000007.state.0123abcd.tmp"}
	others := []string{".notes.txt.0123abcd.tmp", "run.json.0123abcd.tmp", ".run.json.0123abcd.tmp.bak", "samples/.mine.png.0123abcd.tmp"}
	for _, name := range append(leftovers, others...) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666))
	}
	run.Steps = 3
	require.NoError(t, newDuel().play(context.Background(), run))
	for _, name := range leftovers {
		require.NoFileExists(t, filepath.Join(dir, name))
	}
	for _, name := range others {
		require.FileExists(t, filepath.Join(dir, name))
	}
}

// withoutSpace plays a duel on disks that are full in all kinds of ways: full takes space away, to leave about so many bytes of it,
// and free gives all back. Each time the run must end with an error that is like want, and then go on as if nothing had been.
func withoutSpace(t *testing.T, amounts []int, newDir func() string, full func(left int), free func(), want error) {
	t.Helper()
	state, log := undisturbed(t)
	failures := 0
	moments := []int{-1, 0, 20, 36} // the records before which it happens; -1 is before the run
	for _, at := range moments {
		for _, left := range amounts {
			dir := newDir()
			run := duelRun(dir)
			run.Keep, run.Sample = 2, noise
			if at < 0 {
				full(left)
			} else {
				run.OnLog = func(r train.Record) error {
					if r.Step == at {
						full(left)
					}
					return nil
				}
			}
			err := newDuel().play(context.Background(), run)
			free()
			if err != nil {
				require.ErrorIs(t, err, want, "at %d with %d bytes", at, left)
				require.ErrorContains(t, err, "train: ")
				failures++
			}
			again := duelRun(dir)
			again.Keep, again.Sample = 2, noise
			require.NoError(t, newDuel().play(context.Background(), again), "at %d with %d bytes", at, left)
			gotState, gotLog := contents(t, dir)
			require.Equal(t, state, gotState)
			require.Equal(t, log, gotLog)
			kept, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
			require.NoError(t, err)
			require.Len(t, kept, 2)
		}
	}
	require.Greater(t, failures, len(moments)*len(amounts)/2)
	t.Logf("%d runs of %d failed for want of space, and went on", failures, len(moments)*len(amounts))
}

// noise is a picture that takes some space.
func noise(v *train.View) (image.Image, error) {
	m := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range m.Pix {
		m.Pix[i] = uint8(v.Rand.Uint32())
	}
	return m, nil
}
