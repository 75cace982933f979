package train

import (
	"sync"

	"github.com/gander-ml/gander/autograd"
)

// tapes lends tapes, with the memory that steps have gathered on them. The one that came back last goes out first, so that
// there are no more than are in use at once.
type tapes struct {
	mu   sync.Mutex
	idle []*autograd.Tape
}

func (t *tapes) take() *autograd.Tape {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := len(t.idle) - 1
	if last < 0 {
		return autograd.NewTape()
	}
	tape := t.idle[last]
	t.idle = t.idle[:last]
	return tape
}

func (t *tapes) giveBack(tape *autograd.Tape) {
	tape.Reset()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle = append(t.idle, tape)
}
