package gan

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/gander-ml/gander/nn/train"
)

// Monitor reads the log of a run of a [Game] and says in words whether it is well: who is winning, how varied the samples
// are, how strong the gradients. [Watch] is the short way to use one.
//
// It speaks when it has seen enough to judge, when its judgement changes, and from time to time. What it says depends on the
// log alone and has no effect on the run, unless Stop is set.
type Monitor struct {
	Out      io.Writer // where it speaks; nil means os.Stderr
	Patience int       // records of the log that a trouble must last to be believed; 0 means 20
	Every    int       // records after which it speaks even if nothing has changed; 0 means 100, less never
	Stop     bool      // end the run with an [*UnwellError] when samples collapse or a gradient explodes

	recent []train.Record
	before int                  // step of the record before these
	norms  map[string][]float64 // of each player, of the last records
	health Health
	silent int // records since it spoke; -1 before the first time
}

// Health is the state of a run.
type Health struct {
	Step     int
	Summary  string // the numbers, in words
	Troubles []Trouble
}

// Trouble is something wrong with a run.
type Trouble struct {
	Kind   Kind
	What   string // what is seen
	Advice string // what to try
	After  int    // step of the last record before it showed; 0 if it has from the beginning
}

// Kind is a kind of trouble.
type Kind string

// The kinds of trouble.
const (
	Domination Kind = "domination" // the discriminator is always right
	Blindness  Kind = "blindness"  // the discriminator is no better than chance
	Collapse   Kind = "collapse"   // all samples are alike
	Saturation Kind = "saturation" // samples are at the ends of their range
	Vanishing  Kind = "vanishing"  // a player's gradient is next to nothing
	Explosion  Kind = "explosion"  // a player's gradient has grown beyond measure
)

// UnwellError says that a run was ended because of its health.
type UnwellError struct{ Health Health }

// Error says it in one line.
func (e *UnwellError) Error() string {
	return "gan: " + strings.ReplaceAll(strings.TrimSpace(e.Health.String()), "\n", "; ")
}

// Well reports whether there is no trouble.
func (h Health) Well() bool { return len(h.Troubles) == 0 }

// Has reports whether there is a trouble of a kind.
func (h Health) Has(k Kind) bool {
	return slices.ContainsFunc(h.Troubles, func(t Trouble) bool { return t.Kind == k })
}

// good is the step of the last record before anything showed that ends a run.
func (h Health) good() int {
	step := h.Step
	for _, t := range h.Troubles {
		if t.Kind.fatal() {
			step = min(step, t.After)
		}
	}
	return step
}

// fatal reports whether a trouble ends a run that a [Monitor] may end: it seldom passes.
func (k Kind) fatal() bool { return k == Collapse || k == Explosion }

// String is a line on how the run is, and one for each trouble.
func (h Health) String() string {
	var b strings.Builder
	state := "well"
	if !h.Well() {
		state = "not well"
	}
	fmt.Fprintf(&b, "step %d: %s: %s\n", h.Step, state, h.Summary)
	for _, t := range h.Troubles {
		fmt.Fprintf(&b, "  %s: %s; try %s\n", t.Kind, t.What, t.Advice)
	}
	return b.String()
}

// Watch returns the run with a [Monitor] on its log.
func Watch(run train.Run) train.Run { return new(Monitor).Watch(run) }

// Watch returns the run with the monitor on its log. It does not replace an OnLog that is there.
func (m *Monitor) Watch(run train.Run) train.Run {
	before := run.OnLog
	run.OnLog = func(r train.Record) error {
		if before != nil {
			if err := before(r); err != nil {
				return err
			}
		}
		return m.Record(r)
	}
	return run
}

// Health returns the state of the run as of the last record.
func (m *Monitor) Health() Health { return m.health }

// Record takes notice of a record of the log. Its error ends the run.
func (m *Monitor) Record(r train.Record) error {
	if len(r.Terms) == 0 {
		return nil // an evaluation alone
	}
	if r.Step <= m.health.Step {
		*m = Monitor{Out: m.Out, Patience: m.Patience, Every: m.Every, Stop: m.Stop} // the run has gone back
	}
	patience := m.Patience
	if patience == 0 {
		patience = 20
	}
	m.recent = append(m.recent, r)
	if len(m.recent) > patience {
		m.before = m.recent[0].Step
		m.recent = m.recent[1:]
	}
	if m.norms == nil {
		m.norms = map[string][]float64{}
		m.silent = -1
	}
	for player, v := range r.Norms {
		all := append(m.norms[player], float64(v))
		m.norms[player] = all[max(0, len(all)-max(lately, 10*patience)):]
	}
	before := m.health
	m.health = Health{Step: r.Step, Summary: m.summary()}
	if len(m.recent) < patience {
		return nil
	}
	m.health.Troubles = m.troubles()
	for i, t := range m.health.Troubles {
		m.health.Troubles[i].After = m.before
		for _, known := range before.Troubles {
			if known.Kind == t.Kind {
				m.health.Troubles[i].After = known.After
			}
		}
	}
	if err := m.speak(before); err != nil {
		return err
	}
	if m.Stop && slices.ContainsFunc(m.health.Troubles, func(t Trouble) bool { return t.Kind.fatal() }) {
		return &UnwellError{m.health}
	}
	return nil
}

// speak says how the run is, if it is time to.
func (m *Monitor) speak(before Health) error {
	every := m.Every
	if every == 0 {
		every = 100
	}
	same := slices.EqualFunc(before.Troubles, m.health.Troubles, func(a, b Trouble) bool { return a.Kind == b.Kind })
	if m.silent >= 0 && same && (every < 0 || m.silent+1 < every) {
		m.silent++
		return nil
	}
	m.silent = 0
	out := m.Out
	if out == nil {
		out = os.Stderr
	}
	_, err := io.WriteString(out, m.health.String())
	return err
}

// Explain says what to try after an error of a run, or nothing if it knows nothing better than the error itself.
func Explain(err error) string {
	var nan *train.NonFiniteError
	var unwell *UnwellError
	switch {
	case errors.As(err, &nan) && nan.Player == "generator":
		return "the generator's loss is not finite: try a lower rate for both players, Clip on the players, or a batch norm in the generator"
	case errors.As(err, &nan):
		return "the discriminator's loss is not finite: try a lower rate, Clip on the players, a penalty (gan.R1) or spectral norm"
	case errors.As(err, &unwell):
		var advice []string
		for _, t := range unwell.Health.Troubles {
			advice = append(advice, string(t.Kind)+": try "+t.Advice)
		}
		return strings.Join(advice, "; ")
	}
	return ""
}

// term returns the mean of a number over the recent records; ok is false if none has it.
func (m *Monitor) term(name string) (v float64, ok bool) {
	n := 0
	for _, r := range m.recent {
		if x, has := r.Terms[name]; has {
			v += float64(x)
			n++
		}
	}
	return v / float64(n), n > 0
}

// always reports whether all recent records have a number for which f holds.
func (m *Monitor) always(name string, f func(v float64) bool) bool {
	for _, r := range m.recent {
		if v, has := r.Terms[name]; !has || !f(float64(v)) {
			return false
		}
	}
	return true
}

func (m *Monitor) summary() string {
	var parts []string
	if v, ok := m.term("discriminator/accuracy"); ok {
		parts = append(parts, fmt.Sprintf("the discriminator is right about %.0f %% of what it sees", 100*v))
	}
	real, ok := m.term("discriminator/real")
	if fake, has := m.term("discriminator/fake"); ok && has {
		parts = append(parts, fmt.Sprintf("its logits of real and fake are %.3g apart", real-fake))
	}
	if v, ok := m.term("generator/diversity"); ok {
		parts = append(parts, fmt.Sprintf("samples are %.2f times as varied as the data", v))
	}
	last := m.recent[len(m.recent)-1]
	if d, ok := last.Norms["discriminator"]; ok {
		parts = append(parts, fmt.Sprintf("gradients are %.3g long in the discriminator and %.3g in the generator",
			float64(d), float64(last.Norms["generator"])))
	}
	return strings.Join(parts, "; ")
}

func (m *Monitor) troubles() []Trouble {
	var out []Trouble
	add := func(k Kind, advice, format string, args ...any) {
		out = append(out, Trouble{Kind: k, What: fmt.Sprintf(format, args...), Advice: advice})
	}
	accuracy, _ := m.term("discriminator/accuracy")
	if m.always("discriminator/accuracy", func(v float64) bool { return v > 0.98 }) {
		add(Domination, "a penalty (gan.R1), a lower rate of the discriminator, gan.InstanceNoise, gan.FullAugment for small data, or Smooth: 0.1",
			"the discriminator has been right about %.1f %% for %d records", 100*accuracy, len(m.recent))
	}
	if m.always("discriminator/accuracy", func(v float64) bool { return v < 0.48 }) {
		add(Blindness, "a higher rate or more Turns for the discriminator, a weaker penalty, or a wider network",
			"the discriminator is no better than chance (%.0f %%)", 100*accuracy)
	}
	if m.always("generator/diversity", func(v float64) bool { return v < 0.15 }) {
		v, _ := m.term("generator/diversity")
		add(Collapse, "to begin anew, or to go back with gan.PlayAgain, with a penalty (gan.R1), spectral norm, lower rates or a larger batch; "+
			"a collapsed generator seldom recovers",
			"samples are %.2f times as varied as the data", v)
	}
	if m.always("generator/saturation", func(v float64) bool { return v > 0.5 }) {
		v, _ := m.term("generator/saturation")
		add(Saturation, "a lower rate of the generator or a smaller initialisation; and check that data and generator have the same range",
			"%.0f %% more values of samples than of data are at the ends of the range", 100*v)
	}
	for _, player := range []string{"discriminator", "generator"} {
		all := m.norms[player]
		if len(all) < len(m.recent) {
			continue
		}
		recent := all[len(all)-len(m.recent):]
		if top := slices.Max(recent); top < 1e-7 {
			add(Vanishing, "gan.NonSaturating or gan.Hinge for the generator, and a weaker discriminator",
				"the gradient of the %s is %.1g long", player, top)
		}
		if usual, low := median(all), slices.Min(recent); len(all) >= 4*len(recent) && low > 100*usual && usual > 0 {
			add(Explosion, "Clip on the players, a lower rate, or a stronger penalty",
				"the gradient of the %s has grown from %.3g to %.3g", player, usual, recent[len(recent)-1])
		}
	}
	return out
}

func median(x []float64) float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	if len(s) == 0 || math.IsNaN(s[0]) {
		return 0
	}
	return s[len(s)/2]
}
