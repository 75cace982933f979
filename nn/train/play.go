package train

import (
	"context"
	"fmt"
	"time"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/data"
)

// Play trains the players for run.Steps rounds. In a round each player, in order, makes its Turns updates; turn k of every
// player sees batch k of the round, so that players of one turn share a batch.
//
// If run.Dir holds a checkpoint, the run goes on from the newest good one, and Play returns an error if that is of another
// run: of another seed, other players, shapes, shards or Config. Steps, rates, clipping and the intervals may change. When
// ctx ends, Play finishes the round, writes a checkpoint and returns an error that wraps ctx's. When a loss or a gradient
// is not finite, it returns a [*NonFiniteError], and the networks are as they were before that update.
//
// It panics if the players do not make a game: names missing or equal, a model without parameters, a loss that does not
// depend on them.
func Play[B any](ctx context.Context, run Run, players []Player[B], src data.Source[B]) (err error) {
	run, err = run.withDefaults()
	if err != nil {
		return err
	}
	src = data.WithSeed(src, run.Seed)
	g := newGame(run, players, src)
	out, err := g.open()
	if err != nil {
		return err
	}
	defer func() {
		if e := out.close(); err == nil {
			err = e
		}
	}()
	if g.step == 0 {
		if err := g.hooks(out, true); err != nil {
			return err
		}
	}
	return g.rounds(ctx, out)
}

// rounds plays until the last step or until ctx ends.
func (g *game[B]) rounds(ctx context.Context, out *output) error {
	per := g.batches()
	batches := data.Prefetch(ctx, g.src, batchSeed(g.run.Seed), g.step*per, g.run.Prefetch)
	defer batches.Close()
	for g.step < g.run.Steps {
		drawn := make([]B, per)
		for i := range drawn {
			b, err := batches.Next()
			switch {
			case ctx.Err() != nil:
				return g.stop(ctx, out)
			case err != nil:
				return fmt.Errorf("train: step %d: %w", g.step+1, err)
			}
			drawn[i] = b
		}
		start := time.Now()
		if err := g.round(drawn); err != nil {
			return err
		}
		g.seconds += time.Since(start).Seconds()
		if r, ok := g.src.(data.Recycler[B]); ok {
			for _, b := range drawn {
				r.Recycle(b)
			}
		}
		last := g.step == g.run.Steps
		if err := g.hooks(out, last); err != nil {
			return err
		}
		if last || due(g.step, g.run.CheckpointEvery) {
			if err := g.checkpoint(out, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// hooks logs, measures and draws what is due after a step; everything if always is set.
func (g *game[B]) hooks(out *output, always bool) error {
	var eval map[string]Number
	if g.run.Eval != nil && (always || due(g.step, g.run.EvalEvery)) {
		numbers, err := g.run.Eval(g.view(evalStream))
		if err != nil {
			return fmt.Errorf("train: evaluation at step %d: %w", g.step, err)
		}
		eval = make(map[string]Number, len(numbers))
		for name, v := range numbers {
			eval[name] = Number(v)
		}
	}
	logs := g.step > 0 && g.run.LogEvery > 0 && (due(g.step, g.run.LogEvery) || g.step == g.run.Steps)
	if logs || len(eval) > 0 {
		r := Record{Step: g.step, Seconds: g.seconds}
		if logs {
			r = g.meter.record(g.step, g.seconds)
		}
		r.Eval = eval
		if err := out.record(r); err != nil {
			return err
		}
		if g.run.OnLog != nil {
			if err := g.run.OnLog(r); err != nil {
				return fmt.Errorf("train: step %d: %w", g.step, err)
			}
		}
	}
	if g.run.Sample != nil && (always || due(g.step, g.run.SampleEvery)) {
		picture, err := g.run.Sample(g.view(sampleStream))
		if err != nil {
			return fmt.Errorf("train: sample at step %d: %w", g.step, err)
		}
		if err := out.sample(g.step, picture); err != nil {
			return err
		}
	}
	out.show(g.step, g.run.Steps, &g.meter)
	return nil
}

// stop ends a cancelled run in good order.
func (g *game[B]) stop(ctx context.Context, out *output) error {
	if g.run.Dir == "" {
		return fmt.Errorf("train: stopped at step %d of %d, with nothing saved: %w", g.step, g.run.Steps, context.Cause(ctx))
	}
	if g.step > g.saved {
		if err := g.checkpoint(out, true); err != nil {
			return err
		}
	}
	return fmt.Errorf("train: stopped at step %d of %d; the same command goes on from the checkpoint in %s: %w",
		g.step, g.run.Steps, g.run.Dir, context.Cause(ctx))
}

// view is what a hook sees.
func (g *game[B]) view(stream uint64) *View {
	v := &View{Dir: g.run.Dir, Step: g.step, Rand: data.Stream(g.run.Seed, stream), averages: map[*autograd.Var]*autograd.Var{}}
	for _, s := range g.seats {
		if s.mean != nil {
			for p, a := range s.mean.vars {
				v.averages[p] = a
			}
		}
	}
	return v
}

// batchSeed is the seed of the streams that batches draw from.
func batchSeed(seed uint64) uint64 { return data.Stream(seed, batchStream).Uint64() }
