package train

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
)

// game is a run in progress.
type game[B any] struct {
	run     Run
	src     data.Source[B]
	seats   []*seat[B]
	tapes   tapes
	step    int     // rounds completed
	seconds float64 // of training so far
	saved   int     // step of the newest good checkpoint, -1 without one
	pending bool    // what is due after the step has not been done
	begun   bool    // a turn has been made, since the parameters came from outside
	meter   meter
}

// seat is a player with what it has gathered.
type seat[B any] struct {
	Player[B]
	index   int
	entries []nn.Entry // parameters and state
	params  []nn.Entry
	opt     optim.State
	mean    *average
	parts   []*Part          // with memory of their own, when a turn has several
	sum     []*tensor.Tensor // over the batches of an update, when there are several
}

func newGame[B any](run Run, players []Player[B], src data.Source[B]) *game[B] {
	check(players)
	g := &game[B]{run: run, src: src, saved: -1}
	for i, p := range players {
		s := &seat[B]{Player: p, index: i, entries: nn.Walk(p.Model)}
		vars := []*autograd.Var{}
		for _, e := range s.entries {
			if e.Param != nil {
				s.params = append(s.params, e)
				vars = append(vars, e.Param)
			}
		}
		if len(vars) == 0 {
			panic("train.Play: the Model" + p.of() + " has no parameters")
		}
		s.opt = p.Opt.Init(vars)
		s.mean = newAverage(p.EMA, s.params)
		g.seats = append(g.seats, s)
	}
	return g
}

// batches is how many batches a round takes.
func (g *game[B]) batches() int {
	n := 0
	for _, s := range g.seats {
		n = max(n, s.batches())
	}
	return n
}

// round lets every player take its turns.
func (g *game[B]) round(batches []B) error {
	for _, s := range g.seats {
		for turn := range s.turns() {
			if err := g.turn(s, turn, batches[turn*s.accumulate():][:s.accumulate()]); err != nil {
				return err
			}
		}
	}
	g.step++
	return nil
}
