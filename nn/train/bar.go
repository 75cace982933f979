package train

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar shows how far a run is, how long it will take, and its losses.
type bar struct {
	w     io.Writer
	from  int // the step at which this part of the run began: the time that is left is judged by what was done since
	shown *progressbar.ProgressBar
}

func newBar(w io.Writer, from, steps int) *bar {
	return &bar{w: w, from: from, shown: progressbar.NewOptions(steps-from,
		progressbar.OptionSetWriter(w),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("step"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond),
	)}
}

func (b *bar) show(step, steps int, m *meter) {
	b.shown.Describe(fmt.Sprintf("step %d/%d  %s", step, steps, lossText(m)))
	_ = b.shown.Set(step - b.from) // a bar that cannot be drawn is no reason to stop
}

func (b *bar) close() {
	fmt.Fprintln(b.w)
}

// lossText is the terms gathered so far, such as "disc/real 0.69 gen/fake 0.71".
func lossText(m *meter) string {
	var names []string
	for name := range m.Terms {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		t := m.Terms[name]
		names[i] = fmt.Sprintf("%s %.4g", name, t.Sum/float64(t.Count))
	}
	return strings.Join(names, "  ")
}
