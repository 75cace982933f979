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
// ctx ends, Play finishes the round, writes a checkpoint and returns an error that wraps ctx's. When a loss, a
// gradient, a parameter or the statistics of a layer are not finite, it returns a [*NonFiniteError], and the networks are as they
// were before that update.
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
	if g.step == 0 || g.pending {
		if err := g.after(ctx, out); err != nil {
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
		if err := g.after(ctx, out); err != nil {
			return err
		}
	}
	return nil
}

// after does what is due after a step: first whatever may fail, then the log, at last the checkpoint. So a checkpoint
// is of a step of which nothing is left to do, unless it says that all of this is.
func (g *game[B]) after(ctx context.Context, out *output) error {
	g.pending = true
	last := g.step == g.run.Steps
	saves := last || due(g.step, g.run.CheckpointEvery) && g.step > 0
	if saves {
		if err := g.sound(g.step); err != nil {
			return err
		}
	}
	eval, err := g.hooks(out, g.step == 0 || last, saves)
	switch {
	case err != nil && ctx.Err() != nil:
		return g.stop(ctx, out) // a hook, too, may have seen ctx end
	case err != nil:
		return err
	}
	if err := g.log(out, eval, last); err != nil {
		return err
	}
	g.pending = false
	out.show(g.step, g.run.Steps, &g.meter)
	if saves {
		return g.checkpoint(out, last)
	}
	return nil
}

// hooks calls the hooks that are due. It returns what the evaluation did, nil if it was not its turn.
func (g *game[B]) hooks(out *output, always, saves bool) (eval map[string]Number, err error) {
	if g.run.Eval != nil && (always || due(g.step, g.run.EvalEvery)) {
		numbers, err := g.run.Eval(g.view(evalStream))
		if err != nil {
			return nil, fmt.Errorf("train: evaluation at step %d: %w", g.step, err)
		}
		eval = make(map[string]Number, len(numbers))
		for name, v := range numbers {
			eval[name] = Number(v)
		}
	}
	if g.run.Sample != nil && (always || due(g.step, g.run.SampleEvery)) {
		picture, err := g.run.Sample(g.view(sampleStream))
		if err != nil {
			return nil, fmt.Errorf("train: sample at step %d: %w", g.step, err)
		}
		if err := out.sample(g.step, picture); err != nil {
			return nil, err
		}
	}
	if saves {
		return eval, g.export()
	}
	return eval, nil
}

// export calls the hook that writes what others load.
func (g *game[B]) export() error {
	if g.run.Export == nil {
		return nil
	}
	if err := g.run.Export(g.view(exportStream)); err != nil {
		return fmt.Errorf("train: export at step %d: %w", g.step, err)
	}
	return nil
}

// log writes a record if one is due, or if there is an evaluation.
func (g *game[B]) log(out *output, eval map[string]Number, last bool) error {
	full := g.step > 0 && g.run.LogEvery > 0 && (last || due(g.step, g.run.LogEvery))
	if !full && len(eval) == 0 {
		return nil
	}
	r := Record{Step: g.step, Seconds: g.seconds}
	if full {
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
	return nil
}

// stop ends a cancelled run in good order.
func (g *game[B]) stop(ctx context.Context, out *output) error {
	if g.run.Dir == "" {
		return fmt.Errorf("train: stopped at step %d of %d, with nothing saved: %w", g.step, g.run.Steps, context.Cause(ctx))
	}
	if g.step > g.saved {
		if err := g.sound(g.step); err != nil {
			return err
		}
		if err := g.checkpoint(out, true); err != nil {
			return err
		}
		if !g.pending {
			if err := g.export(); err != nil {
				return err
			}
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
