package train

import (
	"encoding/json"
	"maps"
	"math"
	"slices"

	"github.com/gander-ml/gander/nn/train/internal/tfevents"
)

// Record is a line of log.jsonl: what happened up to a step. Maps without entries are left out. Names are those of the
// terms, with the player's name and a slash before them in a game of several.
type Record struct {
	Step    int               `json:"step"`
	Terms   map[string]Number `json:"terms,omitempty"` // means over all turns since the record before
	Rates   map[string]Number `json:"rates,omitempty"` // learning rate of each player's last update; "model" in a game of one
	Norms   map[string]Number `json:"norms,omitempty"` // mean norm of each player's gradients, before clipping
	Eval    map[string]Number `json:"eval,omitempty"`  // what Run.Eval returned
	Seconds float64           `json:"seconds"`         // of training so far, over all parts of the run
}

// numbers returns the numbers of the record in a fixed order, with the names that they have where all share one space: in log.csv
// and in TensorBoard, which groups them by what is before the slash.
func (r Record) numbers() []tfevents.Scalar {
	var out []tfevents.Scalar
	for _, group := range []struct {
		prefix string
		of     map[string]Number
	}{{"", r.Terms}, {"rate/", r.Rates}, {"norm/", r.Norms}, {"eval/", r.Eval}} {
		for _, name := range slices.Sorted(maps.Keys(group.of)) {
			out = append(out, tfevents.Scalar{Tag: group.prefix + name, Value: float64(group.of[name])})
		}
	}
	return out
}

// Number is a number that JSON holds as null if it is NaN or infinite.
type Number float64

// MarshalJSON implements [json.Marshaler].
func (n Number) MarshalJSON() ([]byte, error) {
	if !finite(float64(n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements [json.Unmarshaler]: null is NaN.
func (n *Number) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

// meter gathers the numbers of a record. It is saved in checkpoints, so that a record that a resumed run completes holds
// the same means.
type meter struct {
	Terms map[string]tally  `json:"terms"`
	Norms map[string]tally  `json:"norms"`
	Rates map[string]Number `json:"rates"`
}

type tally struct {
	Sum   float64 `json:"sum"`
	Count int     `json:"count"`
}

// turn enters the numbers of one update.
func (m *meter) turn(player string, label func(string) string, outcomes []outcome, rate, norm float64) {
	if m.Terms == nil {
		*m = meter{Terms: map[string]tally{}, Norms: map[string]tally{}, Rates: map[string]Number{}}
	}
	for _, o := range outcomes {
		for _, t := range o.terms {
			add(m.Terms, label(t.name), t.value)
		}
	}
	add(m.Norms, player, norm)
	m.Rates[player] = Number(rate)
}

// record empties the meter into a record.
func (m *meter) record(step int, seconds float64) Record {
	r := Record{Step: step, Terms: means(m.Terms), Norms: means(m.Norms), Rates: m.Rates, Seconds: seconds}
	*m = meter{}
	return r
}

func add(to map[string]tally, name string, v float64) {
	t := to[name]
	to[name] = tally{t.Sum + v, t.Count + 1}
}

func means(of map[string]tally) map[string]Number {
	out := make(map[string]Number, len(of))
	for name, t := range of {
		out[name] = Number(t.Sum / float64(t.Count))
	}
	return out
}
