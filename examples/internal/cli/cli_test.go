package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var ran []string
	commands := []Command{
		{Help: "the default", Setup: func(*flag.FlagSet) func(context.Context, []string) error {
			return func(_ context.Context, args []string) error {
				ran = append(ran, "default")
				return WantArgs(args)
			}
		}},
		{Name: "copy", Usage: "[flags] IN OUT", Help: "copies", Setup: func(f *flag.FlagSet) func(context.Context, []string) error {
			n := f.Int("n", 1, "how `often`")
			return func(_ context.Context, args []string) error {
				if err := WantArgs(args, "IN", "OUT"); err != nil {
					return err
				}
				if *n == 13 {
					return errors.New("tool: thirteen")
				}
				if *n == 9 {
					cancel()
					return ctx.Err()
				}
				ran = append(ran, args...)
				return nil
			}
		}},
	}
	for _, c := range []struct {
		args        []string
		status      int
		out, errOut string
	}{
		{nil, 0, "", ""},
		{[]string{"copy", "a", "-n", "2", "b"}, 0, "", ""},
		{[]string{"copy", "a"}, 2, "", "tool: want IN OUT, got 1 arguments (tool -h tells how)\n"},
		{[]string{"-h"}, 0, "About.\n\n  tool\n      the default\n  tool copy [flags] IN OUT\n      copies\n\ntool COMMAND -h lists the flags of a command.\n", ""},
		{[]string{"copy", "-h"}, 0, "usage: tool copy [flags] IN OUT\n\ncopies\n  -n often\n    \thow often (default 1)\n", ""},
		{[]string{"cpy"}, 2, "", "tool: no command \"cpy\"; there are copy (tool -h tells how)\n"},
		{[]string{"copy", "-m", "2"}, 2, "", "tool: flag provided but not defined: -m (tool -h tells how)\n"},
		{[]string{"copy", "-n", "x", "a", "b"}, 2, "", "tool: invalid value \"x\" for flag -n: parse error (tool -h tells how)\n"},
		{[]string{"copy", "-n", "13", "a", "b"}, 1, "", "tool: thirteen\n"},
		{[]string{"copy", "-n", "9", "a", "b"}, 130, "", "tool: context canceled\n"},
	} {
		var out, errOut bytes.Buffer
		require.Equal(t, c.status, run(ctx, "tool", "About.", commands, c.args, &out, &errOut), "%q", c.args)
		require.Equal(t, c.out, out.String())
		require.Equal(t, c.errOut, errOut.String())
	}
	require.Equal(t, []string{"default", "a", "b"}, ran)
}
