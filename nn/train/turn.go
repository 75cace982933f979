package train

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// outcome is what computing one shard gives besides its gradients.
type outcome struct {
	pass  *nn.Pass
	terms []termValue
	idle  bool // the loss had no terms
	err   error
}

type termValue struct {
	name  string
	value float64
}

// The first keys of the streams of random numbers in a run.
const (
	batchStream = iota + 1
	turnStream
	sampleStream
	evalStream
	exportStream
)

// turn makes one update of a player. On an error nothing has been changed.
func (g *game[B]) turn(s *seat[B], turn int, batches []B) error {
	seats := []*seat[B]{s} // the others have changed nothing since their own turns
	if !g.begun {
		seats, g.begun = g.seats, true
	}
	if err := g.sound(g.step+1, seats...); err != nil {
		return err
	}
	shards := g.run.Shards
	outcomes := make([]outcome, 0, shards*len(batches))
	var grads []*tensor.Tensor
	if shards == 1 && len(batches) == 1 {
		// Nothing is to be added, so the gradients stay where they are, on the tape, until the update is made.
		tape := g.tapes.take()
		defer g.tapes.giveBack(tape)
		var out outcome
		grads, out = g.compute(s, tape, turn, 0, 0, batches[0])
		outcomes = append(outcomes, out)
	} else {
		var err error
		if grads, outcomes, err = g.gather(s, turn, batches); err != nil {
			return err
		}
	}
	idle := 0
	for _, o := range outcomes {
		if o.err != nil {
			return o.err
		}
		if o.idle {
			idle++
		}
	}
	switch idle {
	case 0:
	case len(outcomes):
		return nil
	default:
		panic(fmt.Sprintf("train: the loss%s has terms for some shards of a turn and none for others", s.of()))
	}
	for _, o := range outcomes {
		if err := g.soundState(s, o.pass); err != nil {
			return err
		}
	}
	norm := s.Clip.Apply(grads)
	if !finite(norm) {
		return fmt.Errorf("train: step %d: the norm of the gradients%s is %v", g.step+1, s.of(), norm)
	}
	rate := s.opt.Rate()
	s.opt.Step(grads)
	for _, o := range outcomes {
		o.pass.Commit()
	}
	s.mean.update(s.opt.Updates(), s.params)
	g.meter.turn(s.id(), s.label, outcomes, rate, norm)
	return nil
}

// gather computes the shards of all batches of an update and averages their gradients, in memory of the seat.
func (g *game[B]) gather(s *seat[B], turn int, batches []B) (grads []*tensor.Tensor, outcomes []outcome, err error) {
	shards := g.run.Shards
	if s.parts == nil {
		for range shards {
			s.parts = append(s.parts, &Part{Grads: s.zeros()})
		}
	}
	if s.sum == nil && len(batches) > 1 {
		s.sum = s.zeros()
	}
	for _, t := range s.sum {
		t.Fill(0)
	}
	for i, b := range batches {
		results := make([]outcome, shards)
		err := g.run.Exchange.Collect(s.parts, func(shard int) {
			tape := g.tapes.take()
			defer g.tapes.giveBack(tape)
			piece, err := shardOf(g.src, b, shard, shards)
			if err != nil {
				results[shard].err = shardError[B](shards, err)
				return
			}
			computed, out := g.compute(s, tape, turn, i, shard, piece)
			for k, t := range computed {
				s.parts[shard].Grads[k].CopyFrom(t)
			}
			results[shard] = out
		})
		if err != nil {
			return nil, nil, fmt.Errorf("train: step %d: exchange of gradients: %w", g.step+1, err)
		}
		outcomes = append(outcomes, results...)
		sumTree(s.parts)
		for k, t := range s.sum {
			tensor.AddScaledInto(t, s.parts[0].Grads[k], 1)
		}
	}
	grads = s.parts[0].Grads
	if s.sum != nil {
		grads = s.sum
	}
	for _, t := range grads {
		tensor.AffineInto(t, t, float32(1/float64(shards*len(batches))), 0)
	}
	return grads, outcomes, nil
}

// compute runs the loss on one shard. The gradients are in the memory of the tape.
func (g *game[B]) compute(s *seat[B], tape *autograd.Tape, turn, batch, shard int, b B) ([]*tensor.Tensor, outcome) {
	step := g.stepOf(s, tape, turn, batch, shard)
	out := outcome{pass: step.Pass}
	terms := s.Loss(step, b)
	if len(terms) == 0 {
		out.idle = true
		return nil, out
	}
	bad := 0.0
	for _, t := range terms {
		if t.Value == nil || t.Value.Len() != 1 {
			panic(fmt.Sprintf("train: term %q%s must have one element", t.Name, s.of()))
		}
		v := float64(t.Value.Item())
		out.terms = append(out.terms, termValue{t.Name, v})
		if !finite(v) {
			bad = v
		}
	}
	total := terms.total()
	if total == nil {
		panic(fmt.Sprintf("train: no weighted term%s depends on its parameters; does the loss call train.Use?", s.of()))
	}
	leaves := step.leaves(s.params)
	if finite(bad) {
		grads := autograd.LastGrad(total, leaves...)
		if bad = firstNonFinite(grads); finite(bad) {
			return grads, out
		}
		// The forward pass is sound. It is run again and the backward pass recorded, too, to find where it goes wrong.
		tape.Reset()
		step = g.stepOf(s, tape, turn, batch, shard)
		autograd.GradOnTape(s.Loss(step, b).total(), step.leaves(s.params)...)
	}
	out.err = g.nonFinite(tape, s.Name, bad)
	return nil, out
}

// stepOf returns what the loss of one shard is computed in.
func (g *game[B]) stepOf(s *seat[B], tape *autograd.Tape, turn, batch, shard int) *Step {
	step := newStep(tape, s.params)
	step.Round, step.Turn, step.Update = g.step, turn, s.opt.Updates()
	step.Shard, step.Shards = shard, g.run.Shards
	step.Pass = &nn.Pass{Train: true, Rand: data.Stream(g.run.Seed, turnStream,
		uint64(g.step), uint64(s.index), uint64(turn), uint64(batch), uint64(shard))}
	return step
}

// zeros returns tensors of the shapes of the parameters.
func (s *seat[B]) zeros() []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(s.params))
	for i, e := range s.params {
		out[i] = tensor.New(e.Param.Shape()...)
	}
	return out
}

// firstNonFinite returns 0, or a value that is not finite if a gradient holds one.
func firstNonFinite(grads []*tensor.Tensor) float64 {
	for _, g := range grads {
		if n := tensor.Dot(g, g); !finite(n) {
			return n
		}
	}
	return 0
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
