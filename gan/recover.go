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
// ends the run, it goes back to the newest good checkpoint and goes on from there, at most so many times. Since a run is
// fixed by its seed it would go the same way again, so players are asked for anew, with the number of the attempt, from 0: let
// them learn at lower rates, or clip, which a run may change when it goes on.
//
//	err := gan.PlayAgain(ctx, run, 3, func(try int) []train.Player[gan.Batch] {
//		return game.Players(optim.Adam{Rate: 2e-4 / math.Pow(2, float64(try)), Beta1: 0.5})
//	}, images)
//
// It returns the error if there is no checkpoint to go back to. A run that was ended by a monitor goes back to the newest
// checkpoint as well, so checkpoints should be further apart than the monitor's patience.
func PlayAgain(ctx context.Context, run train.Run, times int, players func(try int) []train.Player[Batch], src data.Source[Batch]) error {
	out := run.Progress
	if out == nil {
		out = os.Stderr
	}
	for try := 0; ; try++ {
		err := train.Play(ctx, run, players(try), src)
		var nan *train.NonFiniteError
		var unwell *UnwellError
		if !errors.As(err, &nan) && !errors.As(err, &unwell) {
			return err
		}
		if try == times || run.Dir == "" {
			return err
		}
		step, _, ok, saved := train.Saved(run.Dir)
		if saved != nil || !ok {
			return errors.Join(err, saved)
		}
		if _, e := fmt.Fprintf(out, "%v\ngan: going back to step %d, attempt %d of %d\n", err, step, try+1, times); e != nil {
			return e
		}
	}
}
