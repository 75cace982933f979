package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever a plan.json holds, what is taken from it are numbers of updates.
func FuzzPlan(f *testing.F) {
	f.Add(`{"budget":"8h0m0s","steps":1200,"pretrain":9000}`, true)
	f.Add(`{"budget":"1m0s","steps":12}`, false)
	f.Add(`{"steps":-1}`, false)
	f.Add(`{"steps":1e99}`, true)
	f.Add(strings.Repeat("[", 1<<17), true)
	f.Fuzz(func(t *testing.T, text string, two bool) {
		kept, ok := readPlan(strings.NewReader(text), two)
		if !ok {
			require.Zero(t, kept)
			return
		}
		require.Positive(t, kept.Steps)
		require.GreaterOrEqual(t, kept.Pretrain, 0)
		require.True(t, !two || kept.Pretrain > 0)
	})
}
