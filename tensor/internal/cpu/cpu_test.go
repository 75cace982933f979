package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUseAndRestore(t *testing.T) {
	require.Equal(t, Best(), Current())
	for _, l := range Levels() {
		restore := Use(l)
		require.Equal(t, l, Current())
		restore()
		require.Equal(t, Best(), Current())
	}
	defer Use(NEON + 1)()
	require.Equal(t, Best(), Current(), "no level above what the processor has")
	for l := Portable; l < first; l++ {
		Use(l)
		require.Equal(t, Portable, Current(), "no level of another processor")
	}
}
