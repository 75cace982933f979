// Package cli is what the example programs share of their command lines: commands with flags, one-line errors and exit
// statuses.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// Command is one of the things a program does.
type Command struct {
	Name  string // the word that asks for it; "" runs when no word is given
	Usage string // what follows the word, such as "[flags] IN OUT"
	Help  string // one line
	// Setup defines flags and returns what to run once they are set.
	Setup func(flags *flag.FlagSet) func(ctx context.Context, args []string) error
}

// Usage is an error in how a program was called. It exits with status 2.
type Usage string

func (u Usage) Error() string { return string(u) }

// Main runs the command that the arguments ask for and exits: with status 0, with 1 after an error, with 2 if the program
// was called wrongly, and with 130 if it was interrupted. An interrupt cancels the command's context; a second one ends the
// program at once.
func Main(program, about string, commands ...Command) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, program, about, commands, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, program, about string, commands []Command, args []string, stdout, stderr io.Writer) int {
	err := dispatch(ctx, program, about, commands, args, stdout)
	var usage Usage
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %v (%s -h tells how)\n", program, err, program)
		return 2
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintf(stderr, "%s: %v\n", program, err)
		return 130
	}
	fmt.Fprintf(stderr, "%s: %v\n", program, strings.TrimPrefix(err.Error(), program+": "))
	return 1
}

func dispatch(ctx context.Context, program, about string, commands []Command, args []string, stdout io.Writer) error {
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]) && name == "" || name == "help" {
		help(stdout, program, about, commands)
		return nil
	}
	i := slices.IndexFunc(commands, func(c Command) bool { return c.Name == name })
	if i < 0 && name == "" {
		return Usage("want a command: " + strings.Join(names(commands), ", "))
	}
	if i < 0 {
		return Usage(fmt.Sprintf("no command %q; there are %s", name, strings.Join(names(commands), ", ")))
	}
	c := commands[i]
	flags := flag.NewFlagSet(program, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := c.Setup(flags)
	var rest []string
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			fmt.Fprintf(stdout, "usage: %s\n\n%s\n", strings.Join(strings.Fields(program+" "+c.Name+" "+c.Usage), " "), c.Help)
			flags.SetOutput(stdout)
			flags.PrintDefaults()
			return nil
		} else if err != nil {
			return Usage(err.Error())
		}
		// Flags may also follow the other arguments; "--" ends them.
		args = flags.Args()
		if len(args) == 0 {
			break
		}
		rest = append(rest, args[0])
		args = args[1:]
	}
	return do(ctx, rest)
}

func help(w io.Writer, program, about string, commands []Command) {
	fmt.Fprintf(w, "%s\n\n", about)
	for _, c := range commands {
		fmt.Fprintf(w, "  %s\n      %s\n", strings.Join(strings.Fields(program+" "+c.Name+" "+c.Usage), " "), strings.ReplaceAll(c.Help, "\n", "\n      "))
	}
	fmt.Fprintf(w, "\n%s COMMAND -h lists the flags of a command.\n", program)
}

func names(commands []Command) []string {
	var out []string
	for _, c := range commands {
		if c.Name != "" {
			out = append(out, c.Name)
		}
	}
	return out
}

// WantArgs returns a usage error unless there are as many arguments as names.
func WantArgs(args []string, names ...string) error {
	if len(args) == len(names) {
		return nil
	}
	if len(names) == 0 {
		return Usage(fmt.Sprintf("unexpected argument %q", args[0]))
	}
	return Usage(fmt.Sprintf("want %s, got %d arguments", strings.Join(names, " "), len(args)))
}
