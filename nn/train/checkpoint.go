package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
)

// stateDir is the folder of checkpoints in that of a run.
func stateDir(dir string) string { return filepath.Join(dir, "checkpoints") }

// Saved returns the step of the newest good checkpoint of the run in dir, and its path, from which
// checkpoint.Load loads one player's network with the player's name, or "model" in a game of one, as LoadOptions.Part.
// The average that Player.EMA asks for has the name "average/" before the player's. ok is false if there is no checkpoint.
func Saved(dir string) (step int, path string, ok bool, err error) {
	found, err := checkpoint.Latest(stateDir(dir))
	if err != nil {
		return 0, "", false, fmt.Errorf("train: %w", err)
	}
	return found.Step, found.Path, found.State != nil, nil
}

// Rewind goes back in the run in dir: it removes the checkpoints that are newer than the newest good one up to a step, from which
// [Play] then goes on, and returns the step of that. If there is none, ok is false and nothing is removed.
func Rewind(dir string, step int) (to int, ok bool, err error) {
	to, ok, err = checkpoint.Rewind(stateDir(dir), step)
	if err != nil {
		return 0, false, fmt.Errorf("train: %w", err)
	}
	return to, ok, nil
}

// prune removes checkpoints that are too old.
func (g *game[B]) prune() error {
	switch {
	case g.run.Keep <= 0:
		return nil
	case g.run.Suspect != nil:
		return checkpoint.PruneApart(stateDir(g.run.Dir), g.run.Keep, g.run.Suspect)
	}
	return checkpoint.Prune(stateDir(g.run.Dir), g.run.Keep)
}

// positionKey is the name of the position in the text of a checkpoint.
const positionKey = "position"

// position is what a checkpoint holds of a run besides tensors.
type position struct {
	Step    int            `json:"step"`
	Seconds float64        `json:"seconds"`
	Updates map[string]int `json:"updates"`           // of each player's optimiser
	Pending bool           `json:"pending,omitempty"` // what is due after the step has not been done
	Meter   meter          `json:"meter"`
	Run     fingerprint    `json:"run"`
}

// state returns everything of the run that changes, sharing memory.
func (g *game[B]) state() (*checkpoint.State, error) {
	p := position{Step: g.step, Seconds: g.seconds, Updates: map[string]int{}, Pending: g.pending, Meter: g.meter, Run: g.fingerprint()}
	for _, s := range g.seats {
		p.Updates[s.id()] = s.opt.Updates()
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	out := &checkpoint.State{Meta: map[string]string{positionKey: string(text)}}
	for _, s := range g.seats {
		out.AddModel(s.id(), s.Model)
		if s.mean != nil {
			out.AddModel("average/"+s.id(), rebind(s.Model, s.mean.vars))
		}
		s.eachSlot(out.AddTensor)
	}
	return out, nil
}

// eachSlot calls f with the tensors of the player's optimiser and their names in checkpoints. They are stored as they are
// in memory: other programs have no use for them.
func (s *seat[B]) eachSlot(f func(name string, t *tensor.Tensor)) {
	for _, slot := range s.opt.Slots() {
		f("optimiser/"+s.id()+"/"+slot.Name+"/"+s.params[slot.Param].Name, slot.Tensor)
	}
}

// checkpoint writes a checkpoint, and the curves. last says that none will follow.
func (g *game[B]) checkpoint(out *output, last bool) error {
	if g.run.Dir != "" {
		// The log goes to the disk first, so that it never lacks what happened before a checkpoint.
		if err := out.sync(); err != nil {
			return err
		}
		s, err := g.state()
		if err == nil {
			err = checkpoint.WriteStep(stateDir(g.run.Dir), g.step, s)
		}
		if err == nil {
			err = g.prune()
		}
		if err != nil {
			return fmt.Errorf("train: %w", err)
		}
		g.saved = g.step
	}
	return out.curves(last)
}

// restore puts the run where a checkpoint of a step was written. If the checkpoint is of another run, nothing has been changed.
func (g *game[B]) restore(s *checkpoint.State, step int) error {
	var p position
	if err := json.Unmarshal([]byte(s.Meta[positionKey]), &p); err != nil {
		return fmt.Errorf("it does not say where the run was: %w", err)
	}
	if p.Step != step {
		return fmt.Errorf("it does not say where the run was: at step %d, in a checkpoint of step %d", p.Step, step)
	}
	if m := p.Meter; (m.Terms == nil) != (m.Norms == nil) || (m.Terms == nil) != (m.Rates == nil) {
		return errors.New("it does not say where the run was: the numbers for the log are not whole")
	}
	if d := g.fingerprint().differs(p.Run); d != "" {
		return fmt.Errorf("the checkpoint is of another run: %s (set it back, or use another folder)", d)
	}
	var problems []error
	for _, seat := range g.seats {
		if n, ok := p.Updates[seat.id()]; !ok || n < 0 {
			return fmt.Errorf("it does not say how many updates were made%s", seat.of())
		}
		seat.eachSlot(func(name string, t *tensor.Tensor) {
			v, err := s.Tensor(name)
			if err == nil && !tensor.SameShape(v, t) {
				err = fmt.Errorf("%q has shape %s, want %s", name, tensor.Format(v.Shape()), tensor.Format(t.Shape()))
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("the optimiser%s has other options now: %w", seat.of(), err))
			}
		})
	}
	if len(problems) > 0 {
		return problems[0]
	}
	for _, seat := range g.seats {
		if err := s.RestoreModel(seat.id(), seat.Model); err != nil {
			return err
		}
		if seat.mean != nil {
			if err := s.RestoreModel("average/"+seat.id(), rebind(seat.Model, seat.mean.vars)); err != nil {
				return err
			}
		}
		var failed error
		seat.eachSlot(func(name string, t *tensor.Tensor) { failed = errors.Join(failed, s.RestoreTensor(name, t)) })
		if failed != nil {
			return failed
		}
		seat.opt.SetUpdates(p.Updates[seat.id()])
	}
	g.step, g.saved, g.seconds, g.pending, g.meter = p.Step, p.Step, p.Seconds, p.Pending, p.Meter
	return nil
}
