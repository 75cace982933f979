package gan

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/train"
)

// PlayAgain is [train.Play] for runs that may go wrong. When a loss becomes NaN or infinite, or a [Monitor] with Stop set
// ends the run, it goes back to the last good checkpoint and goes on from there, at most so many times. Since a run is
// fixed by its seed it would go the same way again, so players are asked for anew, with the number of the attempt, from 0: let
// them learn at lower rates, or clip, which a run may change when it goes on.
//
//	err := gan.PlayAgain(ctx, run, 3, func(try int) []train.Player[gan.Batch] {
//		return game.Players(optim.Adam{Rate: 2e-4 / math.Pow(2, float64(try)), Beta1: 0.5})
//	}, images)
//
// A checkpoint is good if it was written before the trouble began to show in the log: the first of the records without a break up to
// the end in which samples are half as varied, or a gradient is ten times as long, as they have been. Such checkpoints are kept
// however many are written after them, and what comes after them is removed. If an attempt breaks before it has written a checkpoint
// of its own, the one that it began with is taken for bad, too, as long as there is an older one. PlayAgain returns the error of the
// run, and says so, if there is no good checkpoint.
func PlayAgain(ctx context.Context, run train.Run, times int, players func(try int) []train.Player[Batch], src data.Source[Batch]) error {
	out := run.Progress
	if out == nil {
		out = os.Stderr
	}
	for try := 0; ; try++ {
		begin := -1
		var c course
		watched := run
		if run.Dir != "" {
			step, _, ok, err := train.Saved(run.Dir)
			if err != nil {
				return err
			}
			if ok {
				begin = step
			}
			records, err := train.ReadLog(run.Dir)
			if err != nil {
				return err
			}
			for _, r := range records {
				if r.Step <= begin {
					c.record(r)
				}
			}
			watched = c.watch(run)
		}
		err := train.Play(ctx, watched, players(try), src)
		var nan *train.NonFiniteError
		var unwell *UnwellError
		if !errors.As(err, &nan) && !errors.As(err, &unwell) {
			return err
		}
		if try == times || run.Dir == "" {
			return err
		}
		limit := c.good
		if unwell != nil {
			limit = min(limit, max(begin, unwell.Health.good()))
		}
		step, ok, failed := goBack(run.Dir, limit, begin)
		switch {
		case failed != nil:
			return errors.Join(err, failed)
		case !ok:
			return fmt.Errorf("gan: no checkpoint is from before the trouble (write them more often): %w", err)
		}
		if _, e := fmt.Fprintf(out, "%v\ngan: going back to step %d, attempt %d of %d\n", err, step, try+1, times); e != nil {
			return e
		}
	}
}

// goBack goes to the newest checkpoint up to a step, or if that is where an attempt began that led nowhere, to the one before.
func goBack(dir string, limit, begin int) (step int, ok bool, err error) {
	step, ok, err = train.Rewind(dir, limit)
	if err == nil && ok && step == begin {
		if before, ok, err := train.Rewind(dir, begin-1); ok || err != nil {
			return before, ok, err
		}
	}
	return step, ok, err
}
