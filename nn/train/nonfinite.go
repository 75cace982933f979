package train

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// NonFiniteError says that a loss, a gradient, a parameter or the statistics of a layer became NaN or infinite, and where. The
// parameters are as they were before the update, and no checkpoint holds the number.
type NonFiniteError struct {
	Step   int    // the round, from 1
	Player string // whose turn it was
	Value  string // "NaN" or "Inf"
	Op     string // the first operation whose result is not finite; "leaf" means a parameter, "state" what a layer's state was to become
	Layer  string // name of the last layer whose parameters came in, or of the parameter or state itself; may be empty
	Good   int    // step of the newest good checkpoint; -1 if there is none
}

// Error says it all in one line.
func (e *NonFiniteError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "train: step %d: %s first appears in ", e.Step, e.Value)
	switch {
	case e.Op == "leaf":
		b.WriteString("parameter " + strconv.Quote(e.Layer))
	case e.Op == "state":
		b.WriteString("state " + strconv.Quote(e.Layer))
	case e.Layer != "":
		b.WriteString(e.Op + " of " + strconv.Quote(e.Layer))
	default:
		b.WriteString(e.Op)
	}
	if e.Player != "" {
		b.WriteString(" (player " + strconv.Quote(e.Player) + ")")
	}
	if e.Good >= 0 {
		fmt.Fprintf(&b, "; last good checkpoint is step %d (resume from it with a lower rate or gradient clipping)", e.Good)
	} else {
		b.WriteString("; there is no checkpoint to resume from (try a lower rate or gradient clipping)")
	}
	return b.String()
}

// nonFinite finds the operation on the tape where v, which is not finite, came from.
func (g *game[B]) nonFinite(tape *autograd.Tape, player string, v float64) error {
	if err := g.sound(g.step + 1); err != nil {
		return err // which may be the fault of another player
	}
	e := g.newNonFinite(g.step+1, player, v)
	op, leaf, found := tape.FirstNonFinite()
	if !found {
		op = "the sum of the gradients"
	}
	e.Op, e.Layer = op, leaf
	if i := strings.LastIndexByte(leaf, '.'); i > 0 && op != "leaf" {
		e.Layer = leaf[:i] // the layer, not its weight
	}
	return e
}

func (g *game[B]) newNonFinite(step int, player string, v float64) *NonFiniteError {
	e := &NonFiniteError{Step: step, Player: player, Value: "Inf", Good: g.saved}
	if math.IsNaN(v) {
		e.Value = "NaN"
	}
	return e
}

// sound is an error if a parameter of one of some players, or of any if none is given, is not finite. An infinite one need not
// show in a loss, since a tanh or a ReLU may swallow it.
func (g *game[B]) sound(step int, seats ...*seat[B]) error {
	if len(seats) == 0 {
		seats = g.seats
	}
	for _, s := range seats {
		for _, p := range s.params {
			if n := tensor.Dot(p.Tensor(), p.Tensor()); !finite(n) {
				e := g.newNonFinite(step, s.Name, n)
				e.Op, e.Layer = "leaf", p.Name
				return e
			}
		}
	}
	return nil
}

// soundState is an error if a layer of any player is to get statistics that are not finite. Normalised by them, activations that
// have overflowed are zeros, which no loss shows.
func (g *game[B]) soundState(s *seat[B], pass *nn.Pass) error {
	bad := pass.NonFinite()
	if bad == nil {
		return nil
	}
	e := g.newNonFinite(g.step+1, s.Name, math.Inf(1))
	e.Op = "state"
	for _, other := range g.seats {
		for _, entry := range other.entries {
			if entry.State == bad {
				e.Layer = entry.Name
			}
		}
	}
	return e
}
