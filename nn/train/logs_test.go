package train_test

import (
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gander-ml/gander/nn/train"
	"github.com/stretchr/testify/require"
)

// flat returns the numbers of a record by the names that they have in log.csv and in TensorBoard.
func flat(r train.Record) map[string]float64 {
	out := map[string]float64{}
	for prefix, group := range map[string]map[string]train.Number{"": r.Terms, "rate/": r.Rates, "norm/": r.Norms, "eval/": r.Eval} {
		for name, v := range group {
			out[prefix+name] = float64(v)
		}
	}
	return out
}

// readTable reads log.csv.
func readTable(t *testing.T, dir string) (header []string, rows [][]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "log.csv"))
	require.NoError(t, err)
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	return all[0], all[1:]
}

// sameTable requires that log.csv has what the log has.
func sameTable(t *testing.T, dir string, log []train.Record) {
	t.Helper()
	header, rows := readTable(t, dir)
	require.Equal(t, []string{"step", "seconds"}, header[:2])
	require.Len(t, rows, len(log))
	for i, r := range log {
		require.Equal(t, strconv.Itoa(r.Step), rows[i][0])
		numbers := flat(r)
		for c, name := range header[2:] {
			cell := rows[i][2+c]
			v, ok := numbers[name]
			require.Equal(t, ok, cell != "", "%s at step %d", name, r.Step)
			if !ok {
				continue
			}
			got, err := strconv.ParseFloat(cell, 64)
			require.NoError(t, err)
			require.True(t, got == v || math.IsNaN(got) && math.IsNaN(v), "%s at step %d: %v, not %v", name, r.Step, got, v)
			delete(numbers, name)
		}
		require.Empty(t, numbers, "without a column")
	}
}

// shown is what TensorBoard shows: numbers of each step, and the steps that have pictures.
type shown struct {
	numbers  map[int]map[string]float64
	pictures []int
}

// readEvents reads the event files of a folder as TensorBoard does: in the order of their names, each up to its end or to a torn
// record, and a start makes void what earlier files hold from its step on.
func readEvents(t *testing.T, dir string) shown {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	require.NoError(t, err)
	slices.Sort(names)
	out := shown{numbers: map[int]map[string]float64{}}
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for first := true; len(text) >= 12; first = false {
			n := binary.LittleEndian.Uint64(text)
			if uint64(len(text)) < 16+n {
				break // torn
			}
			requireChecksum(t, text[:8], text[8:])
			event := fields(t, text[12:12+n])
			requireChecksum(t, text[12:12+n], text[12+n:])
			text = text[16+n:]
			require.Equal(t, first, event[3] != nil, "a file begins with its version and has no other")
			step := 0
			if event[2] != nil {
				v, _ := binary.Uvarint(event[2][0])
				step = int(v)
			}
			if event[7] != nil {
				for s := range out.numbers {
					if s >= step {
						delete(out.numbers, s)
					}
				}
				out.pictures = slices.DeleteFunc(out.pictures, func(s int) bool { return s >= step })
			}
			for _, summary := range event[5] {
				for _, raw := range fields(t, summary)[1] {
					value := fields(t, raw)
					if value[4] != nil {
						require.Equal(t, "samples", string(value[1][0]))
						require.Equal(t, "\x89PNG", string(fields(t, value[4][0])[4][0][:4]))
						out.pictures = append(out.pictures, step)
						continue
					}
					if out.numbers[step] == nil {
						out.numbers[step] = map[string]float64{}
					}
					out.numbers[step][string(value[1][0])] = float64(math.Float32frombits(binary.LittleEndian.Uint32(value[2][0])))
				}
			}
		}
	}
	return out
}

func requireChecksum(t *testing.T, of, is []byte) {
	t.Helper()
	c := crc32.Checksum(of, crc32.MakeTable(crc32.Castagnoli))
	require.Equal(t, (c>>15|c<<17)+0xa282ead8, binary.LittleEndian.Uint32(is))
}

// fields takes a message of protocol buffers apart: the contents of each field, by its number.
func fields(t *testing.T, m []byte) map[uint64][][]byte {
	t.Helper()
	out := map[uint64][][]byte{}
	for len(m) > 0 {
		key, k := binary.Uvarint(m)
		m = m[k:]
		size := uint64(0)
		switch key & 7 {
		case 0:
			_, k := binary.Uvarint(m)
			size = uint64(k)
		case 1:
			size = 8
		case 2:
			size, k = binary.Uvarint(m)
			m = m[k:]
		case 5:
			size = 4
		default:
			require.Fail(t, "wire type", "%d", key&7)
		}
		out[key>>3] = append(out[key>>3], m[:size])
		m = m[size:]
	}
	return out
}

// sameEvents requires that TensorBoard shows what the log has.
func sameEvents(t *testing.T, dir string, log []train.Record) {
	t.Helper()
	got := readEvents(t, dir).numbers
	for _, r := range log {
		want := flat(r)
		require.Len(t, got[r.Step], len(want), "step %d", r.Step)
		for name, v := range want {
			is, ok := got[r.Step][name]
			require.True(t, ok && (is == float64(float32(v)) || math.IsNaN(is-is) && math.IsNaN(v)), "%s at step %d: %v, not %v", name, r.Step, is, v)
		}
		delete(got, r.Step)
	}
	for step := range got {
		require.Less(t, step, log[0].Step, "events outlive a log that somebody has removed, and nothing else")
	}
}

// A number that appears late gets a column of its own, and no column ever moves.
func TestColumnsAppearInTheirOrder(t *testing.T) {
	dir := t.TempDir()
	run := train.Run{Dir: dir, Steps: 4, LogEvery: 1, EvalEvery: 3, Progress: io.Discard, Eval: func(v *train.View) (map[string]float64, error) {
		if v.Step == 0 {
			return nil, nil
		}
		return map[string]float64{"step": 1, "a, b": math.Inf(1)}, nil
	}}
	var headers []string
	run.OnLog = func(train.Record) error {
		header, _ := readTable(t, dir)
		headers = append(headers, strings.Join(header, " "))
		return nil
	}
	net := newPerceptron(2, 4, 1, 1)
	require.NoError(t, train.Play(context.Background(), run, []train.Player[regression]{regress(net)}, products))
	const early = "step seconds mse rate/model norm/model"
	require.Equal(t, []string{early, early, early + " eval/a, b eval/step", early + " eval/a, b eval/step"}, headers)
	log := readLog(t, dir)
	require.Len(t, log, 4)
	_, rows := readTable(t, dir)
	require.Equal(t, []string{"", ""}, rows[1][5:])
	require.Equal(t, []string{"NaN", "1"}, rows[2][5:])

	// It is the same table when the run goes on, even if somebody has spoiled it.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "log.csv"), []byte("\"torn"), 0o666))
	run.Steps = 5
	require.NoError(t, train.Play(context.Background(), run, []train.Player[regression]{regress(net)}, products))
	log = readLog(t, dir)
	require.Len(t, log, 5)
	again, _ := readTable(t, dir)
	require.Equal(t, headers[3], strings.Join(again, " "))
}

// TensorBoard gets the pictures, too, and forgets what a run that went back does again.
func TestEventsOfARunThatGoesBack(t *testing.T) {
	dir := t.TempDir()
	killed := errors.New("killed")
	play := func(at int) error {
		run := duelRun(dir)
		run.Steps, run.SampleEvery, run.LogEvery = 20, 5, 1
		run.Sample = func(v *train.View) (image.Image, error) {
			m := image.NewRGBA(image.Rect(0, 0, 3, 2))
			m.Set(1, 1, color.Gray{Y: uint8(v.Step)})
			return m, nil
		}
		run.OnLog = func(r train.Record) error {
			if r.Step == at {
				return killed
			}
			return nil
		}
		return newDuel().play(context.Background(), run)
	}
	require.ErrorIs(t, play(12), killed)
	require.Equal(t, []int{0, 5, 10}, readEvents(t, dir).pictures)
	names, err := filepath.Glob(filepath.Join(dir, "events.*"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	info, err := os.Stat(names[0])
	require.NoError(t, err)
	require.NoError(t, os.Truncate(names[0], info.Size()-3), "as a kill within the last write leaves it")
	require.ErrorIs(t, play(13), killed)
	require.NoError(t, play(-1))
	log := readLog(t, dir)
	require.Len(t, log, 21)
	require.Equal(t, []int{0, 5, 10, 15, 20}, readEvents(t, dir).pictures)
	require.NoError(t, play(-1), "a run that is over")
	names, err = filepath.Glob(filepath.Join(dir, "events.*"))
	require.NoError(t, err)
	require.Len(t, names, 3, "it writes no more files")
}

func TestLogsThatAreNotWanted(t *testing.T) {
	run := duelRun(t.TempDir())
	run.Steps, run.NoCSV, run.NoTensorBoard = 5, true, true
	require.NoError(t, newDuel().play(context.Background(), run))
	require.FileExists(t, filepath.Join(run.Dir, "log.jsonl"))
	require.NoFileExists(t, filepath.Join(run.Dir, "log.csv"))
	require.Empty(t, readEvents(t, run.Dir).numbers)
}
