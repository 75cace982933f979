package train

import (
	"fmt"
	"strings"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
)

// Player owns some parameters and a loss it lowers, given batches of type B.
type Player[B any] struct {
	Name  string          // in logs and checkpoints; may be empty in a game of one
	Model any             // its parameters are found by walking it; see nn.Walk
	Opt   optim.Optimizer // how they learn
	Turns int             // updates in a round; 0 means 1

	// Loss is what they lower. No terms at all means no update this turn. Where batches are cut into shards, it is called
	// from several goroutines at once.
	Loss func(s *Step, batch B) Terms

	Clip       optim.Clip // limits on the gradients
	EMA        float64    // decay of an average of the parameters, such as 0.999; 0 means none; see Average
	Accumulate int        // batches whose gradients are averaged for one update; 0 means 1
}

// Term is a named part of a loss.
type Term struct {
	Name   string
	Weight float64       // of the term in the loss; with 0 the value is only logged
	Value  *autograd.Var // one element
}

// Terms is a loss: the sum of its terms, each times its weight.
type Terms []Term

// total returns the loss on the tape, nil if no term depends on a parameter.
func (t Terms) total() *autograd.Var {
	var sum *autograd.Var
	for _, term := range t {
		if term.Weight == 0 || !term.Value.IsRecorded() {
			continue
		}
		v := autograd.Reshape(term.Value)
		if term.Weight != 1 {
			v = autograd.Scale(v, float32(term.Weight))
		}
		if sum != nil {
			v = autograd.Add(sum, v)
		}
		sum = v
	}
	return sum
}

func (p Player[B]) turns() int      { return max(p.Turns, 1) }
func (p Player[B]) accumulate() int { return max(p.Accumulate, 1) }

// batches is how many batches the player sees in a round.
func (p Player[B]) batches() int { return p.turns() * p.accumulate() }

// id is the name of the player where there has to be one.
func (p Player[B]) id() string {
	if p.Name == "" {
		return "model"
	}
	return p.Name
}

// label returns the name of one of the player's numbers in logs.
func (p Player[B]) label(name string) string {
	if p.Name == "" {
		return name
	}
	return p.Name + "/" + name
}

// of says whose something is, for messages.
func (p Player[B]) of() string {
	if p.Name == "" {
		return ""
	}
	return fmt.Sprintf(" of player %q", p.Name)
}

// check panics if the players do not make a game.
func check[B any](players []Player[B]) {
	if len(players) == 0 {
		panic("train.Play: no players")
	}
	seen := map[string]bool{}
	for _, p := range players {
		switch {
		case p.Name == "" && len(players) > 1:
			panic("train.Play: in a game of several, every player needs a Name")
		case strings.ContainsAny(p.Name, "/.\n"):
			panic(fmt.Sprintf("train.Play: the name of player %q has a slash, a dot or a line break", p.Name))
		case seen[p.id()]:
			panic(fmt.Sprintf("train.Play: two players are named %q", p.Name))
		case p.Model == nil || p.Opt == nil || p.Loss == nil:
			panic(fmt.Sprintf("train.Play: player %q needs a Model, an Opt and a Loss", p.Name))
		case p.EMA < 0 || p.EMA >= 1:
			panic(fmt.Sprintf("train.Play: player %q: EMA must be in [0, 1), got %v", p.Name, p.EMA))
		}
		seen[p.id()] = true
	}
}
