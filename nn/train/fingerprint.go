package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gander-ml/gander/tensor"
)

// fingerprint is what two parts of a run must agree on. Rates, schedules, clipping and the number of steps are not in it:
// they may change when a run goes on.
type fingerprint struct {
	Seed    uint64            `json:"seed"`
	Shards  int               `json:"shards"`
	Config  map[string]string `json:"config,omitempty"`
	Players []playerPrint     `json:"players"`
}

type playerPrint struct {
	Name       string  `json:"name"`
	Turns      int     `json:"turns"`
	Accumulate int     `json:"accumulate"`
	Optimizer  string  `json:"optimizer"` // its type
	EMA        float64 `json:"ema,omitempty"`
	Parameters int     `json:"parameters"`
	Tensors    []entry `json:"tensors,omitempty"`
}

// entry is a parameter or a piece of state.
type entry struct {
	Name  string `json:"name"`
	Shape string `json:"shape"`
}

func (g *game[B]) fingerprint() fingerprint {
	f := fingerprint{Seed: g.run.Seed, Shards: g.run.Shards, Config: g.run.Config}
	for _, s := range g.seats {
		p := playerPrint{Name: s.id(), Turns: s.turns(), Accumulate: s.accumulate(), Optimizer: fmt.Sprintf("%T", s.Opt), EMA: s.EMA}
		for _, e := range s.entries {
			p.Tensors = append(p.Tensors, entry{e.Name, tensor.Format(e.Tensor().Shape())})
			if e.Param != nil {
				p.Parameters += e.Param.Len()
			}
		}
		f.Players = append(f.Players, p)
	}
	return f
}

// differs says in words where the run now differs from that of a checkpoint; it is empty if it does not.
func (now fingerprint) differs(saved fingerprint) string {
	switch {
	case now.Seed != saved.Seed:
		return fmt.Sprintf("its seed is %d, now it is %d", saved.Seed, now.Seed)
	case now.Shards != saved.Shards:
		return fmt.Sprintf("its batches are cut into %d shards, now into %d", saved.Shards, now.Shards)
	case len(now.Players) != len(saved.Players):
		return fmt.Sprintf("it has the players %s, now there are %s", saved.names(), now.names())
	}
	keys := slices.Sorted(maps.Keys(now.Config))
	for k := range saved.Config {
		if _, ok := now.Config[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		if a, b := saved.Config[k], now.Config[k]; a != b {
			return fmt.Sprintf("its %s is %q, now it is %q", k, a, b)
		}
	}
	for i, p := range now.Players {
		if d := p.differs(saved.Players[i]); d != "" {
			return d
		}
	}
	return ""
}

func (now playerPrint) differs(saved playerPrint) string {
	switch {
	case now.Name != saved.Name:
		return fmt.Sprintf("it has a player %q where now %q is", saved.Name, now.Name)
	case now.Turns != saved.Turns:
		return fmt.Sprintf("its player %q takes %d turns, now %d", now.Name, saved.Turns, now.Turns)
	case now.Accumulate != saved.Accumulate:
		return fmt.Sprintf("its player %q accumulates %d batches, now %d", now.Name, saved.Accumulate, now.Accumulate)
	case now.Optimizer != saved.Optimizer:
		return fmt.Sprintf("its player %q learns by %s, now by %s", now.Name, saved.Optimizer, now.Optimizer)
	case now.EMA != saved.EMA:
		return fmt.Sprintf("its player %q averages with decay %v, now with %v", now.Name, saved.EMA, now.EMA)
	}
	shapes := map[string]string{}
	for _, e := range saved.Tensors {
		shapes[e.Name] = e.Shape
	}
	for _, e := range now.Tensors {
		shape, ok := shapes[e.Name]
		switch {
		case !ok:
			return fmt.Sprintf("its player %q has no %q", now.Name, e.Name)
		case shape != e.Shape:
			return fmt.Sprintf("its player %q has %q of shape %s, now it is %s", now.Name, e.Name, shape, e.Shape)
		}
		delete(shapes, e.Name)
	}
	for _, e := range saved.Tensors {
		if _, extra := shapes[e.Name]; extra {
			return fmt.Sprintf("its player %q has %q, which now is missing", now.Name, e.Name)
		}
	}
	return ""
}

func (f fingerprint) names() string {
	names := make([]string, len(f.Players))
	for i, p := range f.Players {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}
