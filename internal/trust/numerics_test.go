package trust

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
	"github.com/stretchr/testify/require"
)

// A NaN or an infinity in any parameter of any model ends the run in the step in which it appears, with an error that names the
// player and the parameter, and nothing has learned from it.
func TestNonFiniteParametersAreReported(t *testing.T) {
	for _, family := range familyNames() {
		t.Run(family, func(t *testing.T) {
			for player, m := range families[family]().models {
				for k := range nn.Params(m) {
					for value, bad := range map[string]float64{"NaN": math.NaN(), "Inf": math.Inf(1), "Inf ": math.Inf(-1)} {
						s := families[family]()
						entry := paramEntry(nn.Walk(s.models[player]), k)
						x := entry.Tensor().Data()
						x[len(x)/2] = float32(bad)
						before := bits(s.values())
						run := runOf("")
						run.Steps = 1
						err := s.play(context.Background(), run)
						var found *train.NonFiniteError
						require.ErrorAs(t, err, &found, "%v in %q of %q", bad, entry.Name, s.names[player])
						require.Equal(t, train.NonFiniteError{
							Step: 1, Player: s.names[player], Value: strings.TrimSpace(value), Op: "leaf", Layer: entry.Name, Good: -1,
						}, *found)
						require.Equal(t, before, bits(s.values()))
					}
				}
			}
		})
	}
}

// bits makes NaN equal to itself.
func bits(x []float32) []uint32 {
	out := make([]uint32, len(x))
	for i, v := range x {
		out[i] = math.Float32bits(v)
	}
	return out
}

// paramEntry is the entry of parameter k of a network.
func paramEntry(entries []nn.Entry, k int) nn.Entry {
	for _, e := range entries {
		if e.Param == nil {
			continue
		}
		if k == 0 {
			return e
		}
		k--
	}
	panic("no such parameter")
}
