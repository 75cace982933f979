package train

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gander-ml/gander/autograd"
)

// NonFiniteError says that a loss or a gradient became NaN or infinite, and where. The parameters are as they were before
// the update.
type NonFiniteError struct {
	Step   int    // the round, from 1
	Player string // whose turn it was
	Value  string // "NaN" or "Inf"
	Op     string // the first operation whose result is not finite; "leaf" means that a parameter is not
	Layer  string // name of the last layer whose parameters came in; may be empty
	Good   int    // step of the newest good checkpoint; -1 if there is none
}

// Error says it all in one line.
func (e *NonFiniteError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "train: step %d: %s first appears in ", e.Step, e.Value)
	switch {
	case e.Op == "leaf":
		b.WriteString("parameter " + strconv.Quote(e.Layer))
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
	e := &NonFiniteError{Step: g.step + 1, Player: player, Value: "Inf", Good: g.saved}
	if math.IsNaN(v) {
		e.Value = "NaN"
	}
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
