package train_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// points is a data set whose order depends on the epoch, so that a resumed run has to find its place in it.
func points() data.Source[*tensor.Tensor] {
	set := data.Slice[*tensor.Tensor]{}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		set = append(set, tensor.RandN(rng, 2))
	}
	return data.NewLoader(set, 8, data.Stack)
}

// duel is a whole game with everything that has to survive: two optimisers, a schedule, an average, several turns, state.
type duel struct{ gen, disc *perceptron }

func newDuel() duel { return duel{newPerceptron(2, 16, 2, 1), newPerceptron(2, 16, 1, 2)} }

func (d duel) play(ctx context.Context, run train.Run) error {
	players := gan(d.gen, d.disc)
	players[0].Opt = optim.Adam{Rate: 0.01, Beta1: optim.Zero, Schedule: optim.StepDecay{Every: 20, Factor: 0.5}}
	return train.Play(ctx, run, players, points())
}

const duelSteps = 60

func duelRun(dir string) train.Run {
	return train.Run{Dir: dir, Steps: duelSteps, Seed: 9, CheckpointEvery: 7, LogEvery: 4, Progress: io.Discard,
		EvalEvery: 10, Eval: func(v *train.View) (map[string]float64, error) {
			return map[string]float64{"draw": v.Rand.Float64()}, nil
		}}
}

// contents is what two runs must agree on: the last checkpoint, without the seconds, and the log, without them.
func contents(t *testing.T, dir string) (state map[string][]float32, log []train.Record) {
	step, path, ok, err := train.Saved(dir)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, duelSteps, step)
	s, err := checkpoint.ReadState(path)
	require.NoError(t, err)
	state = map[string][]float32{}
	for _, name := range s.Names() {
		x, err := s.Tensor(name)
		require.NoError(t, err)
		state[name] = x.Data()
	}
	return state, readLog(t, dir)
}

// readLog returns the log of a run without the seconds, and requires that it says the same in all its forms.
func readLog(t *testing.T, dir string) (log []train.Record) {
	text, err := os.ReadFile(filepath.Join(dir, "log.jsonl"))
	require.NoError(t, err)
	last := -1
	for line := range bytes.Lines(text) {
		var r train.Record
		require.NoError(t, json.Unmarshal(line, &r))
		require.Greater(t, r.Step, last, "steps of the log must grow")
		last = r.Step
		r.Seconds = 0
		log = append(log, r)
	}
	sameTable(t, dir, log)
	sameEvents(t, dir, log)
	return log
}

// undisturbed plays the duel without an interruption, once for all tests.
func undisturbed(t *testing.T) (state map[string][]float32, log []train.Record) {
	if reference.state != nil {
		return reference.state, reference.log
	}
	dir := t.TempDir()
	require.NoError(t, newDuel().play(context.Background(), duelRun(dir)))
	require.FileExists(t, filepath.Join(dir, "curves.png"))
	require.FileExists(t, filepath.Join(dir, "run.json"))
	kept, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	require.NoError(t, err)
	require.Len(t, kept, 3)
	state, log = contents(t, dir)
	for _, name := range []string{"gen.first.weight", "disc.centre.running_mean", "average/gen.second.bias",
		"optimiser/disc/m/first.weight", "optimiser/gen/square/second.weight"} {
		require.Contains(t, state, name)
	}
	reference.state, reference.log = state, log
	return state, log
}

var reference struct {
	state map[string][]float32
	log   []train.Record
}

func TestCancelledRunGoesOnAsIfNothingHadHappened(t *testing.T) {
	state, log := undisturbed(t)
	dir := t.TempDir()
	stops := 0
	for {
		ctx, cancel := context.WithCancel(context.Background())
		run := duelRun(dir)
		rounds := 0
		run.OnLog = func(train.Record) error {
			if rounds++; rounds == 5 {
				cancel()
			}
			return nil
		}
		err := newDuel().play(ctx, run)
		cancel()
		if err == nil {
			break
		}
		stops++
		require.ErrorIs(t, err, context.Canceled)
		require.Regexp(t, `^train: stopped at step \d+ of 60; the same command goes on from the checkpoint in `, err.Error())
	}
	require.Greater(t, stops, 1)
	gotState, gotLog := contents(t, dir)
	require.Equal(t, state, gotState)
	require.Equal(t, log, gotLog)
}

// Hooks that see ctx end fail; they are called again when the run goes on.
func TestCancelledInAHook(t *testing.T) {
	state, log := undisturbed(t)
	for _, c := range []struct {
		hook string
		at   int
	}{{"eval", 0}, {"eval", duelSteps}, {"sample", 30}, {"export", duelSteps}} {
		hook, at := c.hook, c.at
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		done := map[string]bool{}
		call := func(name string, v *train.View) error {
			if name == hook && v.Step == at {
				cancel()
				if ctx.Err() != nil && !done["cancelled"] {
					done["cancelled"] = true
					return ctx.Err()
				}
			}
			done[name+strconv.Itoa(v.Step)] = true
			return nil
		}
		run := duelRun(dir)
		run.CheckpointEvery, run.SampleEvery = 10, 10
		eval := run.Eval
		run.Eval = func(v *train.View) (map[string]float64, error) {
			numbers, _ := eval(v)
			return numbers, call("eval", v)
		}
		run.Sample = func(v *train.View) (image.Image, error) { return nil, call("sample", v) }
		run.Export = func(v *train.View) error { return call("export", v) }
		require.ErrorIs(t, newDuel().play(ctx, run), context.Canceled)
		require.False(t, done[hook+strconv.Itoa(at)])
		require.NoError(t, newDuel().play(context.Background(), run))
		require.True(t, done[hook+strconv.Itoa(at)], "%s at %d", hook, at)
		gotState, gotLog := contents(t, dir)
		require.Equal(t, state, gotState)
		require.Equal(t, log, gotLog)
	}
}

// killVariable tells the test binary to be the process that is killed.
const killVariable = "GANDER_TRAIN_TEST_DIR"

// closeVariable tells it to save after every step.
const closeVariable = "GANDER_TRAIN_TEST_CLOSE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killVariable); dir != "" {
		run := duelRun(dir)
		if os.Getenv(closeVariable) != "" {
			run = closeRun(dir)
		}
		run.OnLog = func(train.Record) error { // tells how far it is, and is slow enough to be killed anywhere
			fmt.Println()
			time.Sleep(5 * time.Millisecond)
			return nil
		}
		if err := newDuel().play(context.Background(), run); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestKilledRunGoesOnAsIfNothingHadHappened(t *testing.T) {
	state, log := undisturbed(t)
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(uint64(os.Getpid()), 1)) // other moments each time
	kills := 0
	for {
		var stderr bytes.Buffer
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killVariable+"="+dir)
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		// The first lives may end before they have begun; the others mostly see a checkpoint, so that there is an end.
		lines := 3 + rng.IntN(3)
		if kills < 3 {
			lines = kills
		}
		reports := bufio.NewReader(stdout)
		for range lines {
			_, _ = reports.ReadString('\n') // fails where the process has ended
		}
		time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond)
		_ = cmd.Process.Kill() // no error that matters: it may have ended
		_, _ = io.Copy(io.Discard, reports)
		if err = cmd.Wait(); err == nil {
			break
		}
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, -1, exit.ExitCode(), "it must die by the signal alone, not of %s", stderr.String())
		kills++
	}
	require.Greater(t, kills, 2)
	t.Logf("%d kills", kills)
	gotState, gotLog := contents(t, dir)
	require.Equal(t, state, gotState)
	require.Equal(t, log, gotLog)
}

func TestDamagedCheckpointIsSkipped(t *testing.T) {
	state, log := undisturbed(t)
	dir := t.TempDir()
	run := duelRun(dir)
	run.Steps = 40
	require.NoError(t, newDuel().play(context.Background(), run))
	path := checkpoint.StatePath(filepath.Join(dir, "checkpoints"), 40)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	text[len(text)/2] ^= 1
	require.NoError(t, os.WriteFile(path, text, 0o666))
	var said bytes.Buffer
	run = duelRun(dir)
	run.Progress = &said
	require.NoError(t, newDuel().play(context.Background(), run))
	require.Contains(t, said.String(), "skipped a damaged checkpoint: ")
	require.Contains(t, said.String(), "step-00000040.state")
	require.Contains(t, said.String(), "going on from step 35, ")
	gotState, gotLog := contents(t, dir)
	require.Equal(t, state, gotState)
	require.Equal(t, log, gotLog)
}

func TestAllCheckpointsDamagedIsAnError(t *testing.T) {
	dir := t.TempDir()
	run := duelRun(dir)
	run.Steps = 3
	require.NoError(t, newDuel().play(context.Background(), run))
	path := checkpoint.StatePath(filepath.Join(dir, "checkpoints"), 3)
	require.NoError(t, os.Truncate(path, 100))
	require.ErrorContains(t, newDuel().play(context.Background(), duelRun(dir)), "is whole (remove them to begin anew)")
}

func TestAnotherRunIsRefused(t *testing.T) {
	dir := t.TempDir()
	run := duelRun(dir)
	run.Steps, run.Config = 2, map[string]string{"crop": "96"}
	require.NoError(t, newDuel().play(context.Background(), run))
	for want, change := range map[string]func(r *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor]{
		"its seed is 9, now it is 10": func(r *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			r.Seed = 10
			return p
		},
		"its batches are cut into 1 shards, now into 2": func(r *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			r.Shards = 2
			return p
		},
		`its crop is "96", now it is "64"`: func(r *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			r.Config = map[string]string{"crop": "64"}
			return p
		},
		"it has the players disc, gen, now there are disc": func(_ *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			return p[:1]
		},
		`its player "disc" takes 3 turns, now 1`: func(_ *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			p[0].Turns = 0
			return p
		},
		`its player "gen" learns by optim.RMSProp, now by optim.SGD`: func(_ *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			p[1].Opt = optim.SGD{}
			return p
		},
		`the optimiser of player "gen" has other options now: checkpoint: state: no array "optimiser/gen/mean/first.weight"`: func(_ *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			p[1].Opt = optim.RMSProp{Centered: true}
			return p
		},
		`its player "gen" averages with decay 0.98, now with 0`: func(_ *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			p[1].EMA = 0
			return p
		},
		`its player "gen" has "first.weight" of shape (2,16), now it is (2,8)`: func(_ *train.Run, p []train.Player[*tensor.Tensor]) []train.Player[*tensor.Tensor] {
			p[1].Model = newPerceptron(2, 8, 2, 1)
			return p
		},
	} {
		run := duelRun(dir)
		run.Config = map[string]string{"crop": "96"}
		d := newDuel()
		players := change(&run, gan(d.gen, d.disc))
		before := append(values(d.gen), values(d.disc)...)
		err := train.Play(context.Background(), run, players, points())
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "step-00000002.state")
		require.Equal(t, before, append(values(d.gen), values(d.disc)...))
	}
	// Rates, clipping, the number of steps and the intervals may change.
	run = duelRun(dir)
	run.Config = map[string]string{"crop": "96"}
	run.Steps, run.LogEvery = 4, 1
	d := newDuel()
	players := gan(d.gen, d.disc)
	players[0].Opt, players[0].Clip = optim.Adam{Rate: 1e-5, Beta1: 0.5}, optim.Clip{Value: 0.1}
	require.NoError(t, train.Play(context.Background(), run, players, points()))
}

func TestNetworksOfACheckpointCanBeLoadedAlone(t *testing.T) {
	dir := t.TempDir()
	d := newDuel()
	run := duelRun(dir)
	run.Steps = 5
	var average []float32
	run.Export = func(v *train.View) error {
		average = values(train.Average(v, d.gen))
		return nil
	}
	require.NoError(t, d.play(context.Background(), run))
	_, path, ok, err := train.Saved(dir)
	require.NoError(t, err)
	require.True(t, ok)
	got := newPerceptron(2, 16, 2, 99)
	require.NoError(t, checkpoint.Load(got, path, checkpoint.LoadOptions{Part: "gen"}))
	require.Equal(t, values(d.gen), values(got))
	require.NoError(t, checkpoint.Load(got, path, checkpoint.LoadOptions{Part: "average/gen"}))
	require.Equal(t, average, values(got))
	require.NotEqual(t, values(d.gen), values(got))
}

func TestStoppedWithoutAFolderSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	err := newDuel().play(ctx, train.Run{Steps: 5, Progress: io.Discard})
	require.EqualError(t, err, "train: stopped at step 0 of 5, with nothing saved: enough")
	_, _, ok, err := train.Saved(t.TempDir())
	require.NoError(t, err)
	require.False(t, ok)
}

func TestStepsMustBePositive(t *testing.T) {
	require.EqualError(t, newDuel().play(context.Background(), train.Run{}), "train: want at least 1 step, got "+strconv.Itoa(0))
}
