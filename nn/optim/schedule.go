package optim

import (
	"math"
)

// Schedule is a number that changes over the updates of a run: a factor of the learning rate, or a momentum. It is a pure
// function, so nothing about it needs saving.
type Schedule interface {
	// At returns the number for an update, counted from 0.
	At(update int) float64
}

// Constant is the same number at every update.
type Constant float64

// At implements [Schedule].
func (c Constant) At(int) float64 { return float64(c) }

// StepDecay is Factor to the power of how often Every updates have passed: 1, then Factor, then Factor², …
type StepDecay struct {
	Every  int     // updates at one value
	Factor float64 // 0 means 0.1
}

// At implements [Schedule].
func (s StepDecay) At(update int) float64 {
	return math.Pow(orDefault(s.Factor, 0.1), float64(update/max(s.Every, 1)))
}

// Exponential shrinks by a factor with every update, down to a floor: Goodfellow et al. 2014 use a PerUpdate of
// 1/1.000004.
type Exponential struct {
	PerUpdate float64
	Floor     float64 // the smallest factor
}

// At implements [Schedule].
func (e Exponential) At(update int) float64 {
	return max(math.Pow(e.PerUpdate, float64(update)), e.Floor)
}

// Milestones is Factor to the power of how many of the updates listed in At have been reached: with milestone 100, update
// 100 is the first that is smaller.
type Milestones struct {
	Updates []int
	Factor  float64 // 0 means 0.1
}

// At implements [Schedule].
func (m Milestones) At(update int) float64 {
	passed := 0
	for _, u := range m.Updates {
		if update >= u {
			passed++
		}
	}
	return math.Pow(orDefault(m.Factor, 0.1), float64(passed))
}

// Cosine falls along half a cosine from 1 at update 0 to Floor at update Over, where it stays. Loshchilov & Hutter 2017.
type Cosine struct {
	Over  int
	Floor float64
}

// At implements [Schedule].
func (c Cosine) At(update int) float64 {
	t := progress(update, c.Over)
	return c.Floor + (1-c.Floor)*(1+math.Cos(math.Pi*t))/2
}

// Linear goes from From at update 0 to To at update Over, where it stays.
type Linear struct {
	From, To float64
	Over     int
}

// At implements [Schedule].
func (l Linear) At(update int) float64 {
	return l.From + (l.To-l.From)*progress(update, l.Over)
}

// Warmup grows linearly from 1/Over to 1 in the first Over updates, and is what Then says from there, counted from
// there.
type Warmup struct {
	Over int
	Then Schedule // nil means 1
}

// At implements [Schedule].
func (w Warmup) At(update int) float64 {
	if update < w.Over {
		return float64(update+1) / float64(w.Over)
	}
	return at(w.Then, update-w.Over, 1)
}

// Delay is 0 in the first Over updates, in which nothing is learned, and then what Then says, counted from the first of all.
type Delay struct {
	Over int
	Then Schedule // nil means 1
}

// At implements [Schedule].
func (d Delay) At(update int) float64 {
	if update < d.Over {
		return 0
	}
	return at(d.Then, update, 1)
}

// PerEpoch is a schedule whose unit is an epoch instead of an update: it changes only where an epoch of Updates updates
// ends.
type PerEpoch struct {
	Updates  int
	Schedule Schedule
}

// At implements [Schedule].
func (p PerEpoch) At(update int) float64 { return at(p.Schedule, update/max(p.Updates, 1), 1) }

// Product is the product of several schedules.
type Product []Schedule

// At implements [Schedule].
func (p Product) At(update int) float64 {
	f := 1.0
	for _, s := range p {
		f *= s.At(update)
	}
	return f
}

// Table is one number for each update, or each epoch in a [PerEpoch], the last of which stays.
type Table []float64

// At implements [Schedule].
func (t Table) At(update int) float64 {
	if len(t) == 0 {
		return 1
	}
	return t[min(update, len(t)-1)]
}

func progress(update, over int) float64 {
	if over <= 0 {
		return 1
	}
	return min(float64(update)/float64(over), 1)
}
