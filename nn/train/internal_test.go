package train

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/plotter"
)

func TestBarShowsStepsAndLosses(t *testing.T) {
	var b bytes.Buffer
	m := &meter{Terms: map[string]tally{"gen/fool": {Sum: 3, Count: 2}, "disc/real": {Sum: 0.25, Count: 1}}}
	shown := newBar(&b, 90, 100)
	shown.show(95, 100, m)
	shown.show(100, 100, m)
	shown.close()
	require.Contains(t, b.String(), "step 100/100  disc/real 0.25  gen/fool 1.5")
	require.Contains(t, b.String(), "100%")
	require.False(t, isTerminal(&b))
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	defer f.Close()
	require.False(t, isTerminal(f))
}

func TestThinKeepsMeans(t *testing.T) {
	xys := make(plotter.XYs, 1000)
	for i := range xys {
		xys[i] = plotter.XY{X: float64(i), Y: float64(2 * i)}
	}
	require.Equal(t, xys[:5], thin(xys[:5], 5))
	got := thin(xys, 10)
	require.Len(t, got, 10)
	require.InDelta(t, 49.5, got[0].X, 1e-9)
	require.InDelta(t, 99, got[0].Y, 1e-9)
	require.InDelta(t, 949.5, got[9].X, 1e-9)
}

func TestPanelsOfALog(t *testing.T) {
	panels := panelsOf([]Record{
		{Step: 0, Eval: map[string]Number{"psnr": 20}},
		{Step: 1, Terms: map[string]Number{"gen/fool": 1, "disc/real": 2, "disc/fake": 3}},
		{Step: 2, Terms: map[string]Number{"gen/fool": 2}},
	})
	require.Len(t, panels, 3)
	require.Equal(t, []string{"disc", "gen", "evaluation"}, []string{panels[0].title, panels[1].title, panels[2].title})
	require.Equal(t, []string{"fake", "real"}, panels[0].names)
	require.Equal(t, plotter.XYs{{X: 1, Y: 1}, {X: 2, Y: 2}}, panels[1].curves["fool"])
	for _, p := range panels {
		_, err := p.draw()
		require.NoError(t, err)
	}
	require.Equal(t, "loss", panelsOf([]Record{{Step: 1, Terms: map[string]Number{"mse": 1}}})[0].title)
}

func TestCutLog(t *testing.T) {
	lines := []string{`{"step":0,"eval":{"x":null},"seconds":0}`, `{"step":10,"terms":{"mse":1},"seconds":1}`, `{"step":20,"seconds":2}`}
	whole := strings.Join(lines, "\n") + "\n"
	for name, c := range map[string]struct {
		text string
		step int
		keep int
	}{
		"all":         {whole, 20, 3},
		"to the step": {whole, 19, 2},
		"nothing":     {whole, -1, 0},
		"torn":        {whole[:len(whole)-3], 99, 2},
		"no end":      {whole[:len(whole)-1], 99, 2},
		"rubbish":     {lines[0] + "\n%%%\n" + lines[1] + "\n[]\n", 99, 2},
		"empty":       {"", 5, 0},
	} {
		path := filepath.Join(t.TempDir(), logName)
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o666))
		var told strings.Builder
		records, err := cutLog(path, c.step, &told)
		require.NoError(t, err, name)
		want := ""
		if name == "rubbish" {
			want = path + ": left out what is no record: line 2 and 1 more\n"
		}
		require.Equal(t, want, told.String())
		require.Len(t, records, c.keep, name)
		if c.keep > 0 {
			require.True(t, math.IsNaN(float64(records[0].Eval["x"])))
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		want = ""
		if c.keep > 0 {
			want = strings.Join(lines[:c.keep], "\n") + "\n"
		}
		require.Equal(t, want, string(text), name)
	}
	records, err := cutLog(filepath.Join(t.TempDir(), "none"), 1, io.Discard)
	require.NoError(t, err)
	require.Empty(t, records)
	_, err = cutLog(t.TempDir(), 1, io.Discard)
	require.ErrorContains(t, err, "train: log: ")
}

// Whatever a log holds, what is kept of it is whole lines up to the step, and cutting again changes nothing.
func FuzzCutLog(f *testing.F) {
	f.Add([]byte(`{"step":1,"terms":{"a":1},"seconds":1}`+"\n"), 1)
	f.Add([]byte("{\"step\":1}\n{\"step\":2,\"terms\":{\"a\":null}}\n{\"st"), 1)
	f.Add([]byte("[]\n\n{}"), -1)
	f.Fuzz(func(t *testing.T, text []byte, step int) {
		path := filepath.Join(t.TempDir(), logName)
		require.NoError(t, os.WriteFile(path, text, 0o666))
		records, err := cutLog(path, step, io.Discard)
		require.NoError(t, err)
		kept, err := os.ReadFile(path)
		require.NoError(t, err)
		for line := range bytes.Lines(kept) {
			require.Contains(t, string(text), string(line))
		}
		require.Len(t, records, bytes.Count(kept, []byte("\n")))
		for _, r := range records {
			require.LessOrEqual(t, r.Step, step)
		}
		again, err := cutLog(path, step, io.Discard)
		require.NoError(t, err)
		require.Len(t, again, len(records))
	})
}
