package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/srgan"
)

// scheduled is what a budget was found to allow. It is kept in the run's folder, so that a run that goes on on a slower day is still
// the same run.
type scheduled struct {
	Budget   string `json:"budget"`
	Steps    int    `json:"steps"`
	Pretrain int    `json:"pretrain,omitempty"`
}

// updates returns how many updates the phase makes, and the one that leads to it if there are two.
func (p phase) updates(ctx context.Context, lead phase, twoPhases bool) (own, first int, err error) {
	own, first = srgan.PretrainUpdates, srgan.PretrainUpdates
	if p.variant.Adversarial() {
		own = srgan.AdversarialUpdates
	}
	if p.budget == 0 {
		if p.steps > 0 {
			own = p.steps
		}
		if p.pretrain > 0 {
			first = p.pretrain
		}
		return own, first, nil
	}
	path := filepath.Join(p.out, "plan.json")
	file, err := os.Open(path)
	switch {
	case err == nil:
		defer file.Close()
		kept, ok := readPlan(file, twoPhases)
		if !ok {
			return 0, 0, fmt.Errorf("%s is not a plan that -budget has made; give -steps instead", path)
		}
		return kept.Steps, kept.Pretrain, nil
	case !errors.Is(err, fs.ErrNotExist):
		return 0, 0, err
	}
	// The paper's numbers, all multiplied by what fits the time.
	each, err := p.pace(ctx)
	if err != nil {
		return 0, 0, err
	}
	whole := each * float64(own)
	if twoPhases {
		each, err := lead.pace(ctx)
		if err != nil {
			return 0, 0, err
		}
		whole += each * float64(first)
	}
	share := min(p.budget.Seconds()/whole, 1)
	made := scheduled{Budget: p.budget.String(), Steps: max(1, int(share*float64(own)))}
	if twoPhases {
		made.Pretrain = max(1, int(share*float64(first)))
	}
	if err := os.MkdirAll(p.out, 0o777); err != nil {
		return 0, 0, err
	}
	fmt.Fprintf(os.Stderr, "srgan: %v allows for %.2g %% of the paper's updates\n", p.budget, 100*share)
	return made.Steps, made.Pretrain, atomicfile.Write(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(made) })
}

// readPlan returns a plan that was kept and whether it is one.
func readPlan(r io.Reader, twoPhases bool) (kept scheduled, ok bool) {
	const most = 1 << 16 // bytes, many times what a plan has
	text, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.Steps < 1 || kept.Pretrain < 0 || twoPhases && kept.Pretrain < 1 {
		return scheduled{}, false
	}
	return kept, true
}

// pace returns the seconds that an update takes.
func (p phase) pace(ctx context.Context) (float64, error) {
	const tries = 4
	p.steps, p.init, p.grow = tries, "", ""
	_, players, _, err := p.players()
	if err != nil {
		return 0, err
	}
	play := func(steps int) (time.Duration, error) {
		start := time.Now()
		err := train.Play(ctx, train.Run{Steps: steps, Seed: p.seed, Shards: p.shards, Progress: io.Discard}, players, p.patches)
		return time.Since(start), err
	}
	if _, err := play(1); err != nil { // memory is laid out by the first
		return 0, err
	}
	took, err := play(tries)
	return took.Seconds() / tries, err
}
