package train

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
)

// View is what the hooks of a [Run] see between two rounds. It is valid until the hook returns. The networks themselves
// are in the reach of the hook, which must not change them.
type View struct {
	Dir  string     // of the run; may be empty
	Step int        // rounds completed
	Rand *rand.Rand // the same numbers at every call of a hook, so that pictures of different steps show the same inputs

	averages map[*autograd.Var]*autograd.Var
}

// Average returns a copy of a network with the averages of its parameters where its player keeps them (see Player.EMA),
// and the network itself where none does. State, such as the statistics of batch norm, is shared with the network.
func Average[M any](v *View, m M) M { return rebind(m, v.averages) }
