package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/train/internal/tfevents"
)

// open makes the run's folder ready, and goes to the newest good checkpoint in it if there is one.
func (g *game[B]) open() (*output, error) {
	w := g.run.Progress
	if w == nil {
		w = os.Stderr
	}
	if g.run.Dir == "" {
		return &output{bar: g.bar(w)}, nil
	}
	if err := os.MkdirAll(g.run.Dir, 0o777); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if err := g.resume(w); err != nil {
		return nil, err
	}
	if err := sweep(g.run.Dir); err != nil {
		return nil, err
	}
	if err := g.describe(); err != nil {
		return nil, err
	}
	name := filepath.Join(g.run.Dir, logName)
	records, err := cutLog(name, g.saved, w)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("train: log: %w", err)
	}
	out := &output{dir: g.run.Dir, log: log, records: records, bar: g.bar(w), drawn: time.Now()}
	if !g.run.NoCSV {
		if out.table, err = newTable(g.run.Dir, records); err != nil {
			return nil, errors.Join(err, out.close())
		}
	}
	if !g.run.NoTensorBoard {
		out.events = &tfevents.Writer{Dir: g.run.Dir, From: g.step + 1}
		if g.pending {
			out.events.From = g.step
		}
	}
	return out, nil
}

// leftover is what package atomicfile calls a file of a run while it is written.
var leftover = regexp.MustCompile(`^\.(run\.json|log\.jsonl|log\.csv|curves\.png|step-\d+\.png)\.[0-9a-f]{8}\.tmp$`)

// sweep removes what a killed run left half written. Checkpoints have a sweep of their own.
func sweep(dir string) error {
	for _, folder := range []string{dir, filepath.Join(dir, "samples")} {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("train: %w", err)
		}
		for _, e := range entries {
			if leftover.MatchString(e.Name()) {
				if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
					return fmt.Errorf("train: %w", err)
				}
			}
		}
	}
	return nil
}

// bar returns nil where nobody would see it.
func (g *game[B]) bar(w io.Writer) *bar {
	if !isTerminal(w) || g.step >= g.run.Steps {
		return nil
	}
	return newBar(w, g.step, g.run.Steps)
}

// resume goes to the newest good checkpoint, and says so.
func (g *game[B]) resume(w io.Writer) error {
	found, err := checkpoint.Latest(stateDir(g.run.Dir))
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	for _, skipped := range found.Skipped {
		fmt.Fprintf(w, "train: skipped a damaged checkpoint: %v\n", skipped)
	}
	if found.State == nil {
		if len(found.Skipped) > 0 {
			return fmt.Errorf("train: no checkpoint in %s is whole (remove them to begin anew): %w", stateDir(g.run.Dir), found.Skipped[0])
		}
		return nil
	}
	if err := g.restore(found.State, found.Step); err != nil {
		return fmt.Errorf("train: %s: %w", found.Path, err)
	}
	fmt.Fprintf(w, "train: going on from step %d, %s\n", g.step, found.Path)
	if err := g.prune(); err != nil { // a killed run may have left one too many, and half of another
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// describe writes run.json, for people and programs that look at the run later.
func (g *game[B]) describe() error {
	type player struct {
		playerPrint
		Rule string `json:"rule"` // the optimiser with its numbers
		Clip any    `json:"clip"`
	}
	about := struct {
		Gander  string            `json:"gander"`
		Go      string            `json:"go"`
		System  string            `json:"system"`
		Seed    uint64            `json:"seed"`
		Steps   int               `json:"steps"`
		Shards  int               `json:"shards"`
		Config  map[string]string `json:"config,omitempty"`
		Players []player          `json:"players"`
	}{version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, g.run.Seed, g.run.Steps, g.run.Shards, g.run.Config, nil}
	for i, p := range g.fingerprint().Players {
		p.Tensors = nil // the checkpoint has them
		s := g.seats[i]
		about.Players = append(about.Players, player{p, fmt.Sprintf("%#v", s.Opt), s.Clip})
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(about); err != nil {
		return fmt.Errorf("train: run.json: %w", err)
	}
	return writeFile(filepath.Join(g.run.Dir, "run.json"), text.Bytes())
}

// version is that of this module, as the program was built with it.
func version() string {
	const module = "github.com/gander-ml/gander"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if info.Main.Path == module {
		return info.Main.Version
	}
	for _, d := range info.Deps {
		if d.Path == module {
			return d.Version
		}
	}
	return "unknown"
}
