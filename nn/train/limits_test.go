package train_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/stretchr/testify/require"
)

// position is the text of a good checkpoint that says where the run is.
func position(t testing.TB) (s *checkpoint.State, text string) {
	dir := t.TempDir()
	run := duelRun(dir)
	run.Steps = 2
	require.NoError(t, newDuel().play(context.Background(), run))
	s, err := checkpoint.ReadState(checkpoint.StatePath(filepath.Join(dir, "checkpoints"), 2))
	require.NoError(t, err)
	require.Len(t, s.Meta, 1)
	return s, s.Meta["position"]
}

// changed is a text of JSON with another value of a key, or without it.
func changed(t testing.TB, text, key string, value any) string {
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	if m[key] = value; value == nil {
		delete(m, key)
	}
	b, err := json.Marshal(m)
	require.NoError(t, err)
	return string(b)
}

// goOn lets a run go on from a checkpoint that says something of its own about where the run was.
func goOn(t testing.TB, s *checkpoint.State, text string) error {
	dir := t.TempDir()
	s.Meta = map[string]string{"position": text}
	if err := checkpoint.WriteStep(filepath.Join(dir, "checkpoints"), 2, s); err != nil {
		return err
	}
	run := duelRun(dir)
	run.Steps, run.Eval = 3, nil
	return newDuel().play(context.Background(), run)
}

func TestPositionsThatCannotBe(t *testing.T) {
	s, text := position(t)
	require.NoError(t, goOn(t, s, text))
	for want, lie := range map[string]string{
		"at step -5, in a checkpoint of step 2":                     changed(t, text, "step", -5),
		"at step 3, in a checkpoint of step 2":                      changed(t, text, "step", 3),
		`how many updates were made of player "disc"`:               changed(t, text, "updates", map[string]int{"disc": -1, "gen": 2}),
		`how many updates were made of player "gen"`:                changed(t, text, "updates", map[string]int{"disc": 1}),
		"it does not say where the run was: unexpected end of JSON": "{",
		"the numbers for the log are not whole":                     changed(t, text, "meter", map[string]any{"terms": map[string]any{}}),
		"the checkpoint is of another run":                          changed(t, text, "run", nil),
	} {
		err := goOn(t, s, lie)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "step-00000002.state")
	}
}

// Whatever a whole checkpoint says about where the run was, the run goes on or ends with an error.
func FuzzPosition(f *testing.F) {
	s, text := position(f)
	f.Add(text)
	f.Add(changed(f, text, "step", -1))
	f.Add(changed(f, text, "updates", map[string]int{"disc": -7}))
	f.Add(changed(f, text, "meter", map[string]any{"terms": map[string]any{"disc/real": map[string]any{"sum": 1, "count": 0}}}))
	f.Add(changed(f, text, "pending", true))
	f.Add(`{"step":2}`)
	f.Fuzz(func(t *testing.T, text string) {
		if err := goOn(t, s, text); err != nil {
			require.NotEmpty(t, err.Error())
		}
	})
}
