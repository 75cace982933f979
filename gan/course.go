package gan

import (
	"math"

	"github.com/gander-ml/gander/nn/train"
)

// course tells from the log of a run up to which step it has gone well. It sees the first signs of what a [Monitor] calls a collapse
// or an explosion when it lasts and is worse. Its zero value has seen nothing.
type course struct {
	last   int                  // step of the last record
	bad    bool                 // whether it showed a sign
	good   int                  // step of the last record without one; when there is no later record, any step
	best   float64              // the largest diversity
	norms  map[string][]float64 // of each player, in the last records without a sign
	length int                  // records seen
}

// The signs of a trouble.
const (
	collapsing = 0.5 // samples that varied by at least half as much as the data now do by less than this part of what they did
	exploding  = 10  // a gradient is so many times as long as usual
	enough     = 5   // records that tell what is usual
	lately     = 500 // records that what is usual is taken from
)

// watch returns the run with the course on its log. Checkpoints from after the last good step are suspected.
func (c *course) watch(run train.Run) train.Run {
	if c.length == 0 {
		c.good = math.MaxInt
	}
	before, suspect := run.OnLog, run.Suspect
	run.OnLog = func(r train.Record) error {
		c.record(r)
		if before != nil {
			return before(r)
		}
		return nil
	}
	run.Suspect = func(step int) bool { return step > c.good || suspect != nil && suspect(step) }
	return run
}

// record takes notice of a record of the log.
func (c *course) record(r train.Record) {
	if len(r.Terms) == 0 {
		return // an evaluation alone
	}
	c.length++
	sign := c.sign(r)
	switch {
	case !sign:
		c.good = math.MaxInt
	case !c.bad:
		c.good = c.last
	}
	c.bad, c.last = sign, r.Step
	if sign {
		return
	}
	if c.norms == nil {
		c.norms = map[string][]float64{}
	}
	for player, v := range r.Norms {
		all := append(c.norms[player], float64(v))
		c.norms[player] = all[max(0, len(all)-lately):]
	}
}

// sign reports whether a record shows a sign of trouble.
func (c *course) sign(r train.Record) bool {
	if v, ok := r.Terms["generator/diversity"]; ok {
		c.best = max(c.best, float64(v))
		if c.best > 0.5 && float64(v) < collapsing*min(c.best, 1) {
			return true
		}
	}
	for player, v := range r.Norms {
		if usual := c.norms[player]; len(usual) >= enough && float64(v) > exploding*median(usual) {
			return true
		}
	}
	return false
}
