package trust

import (
	"context"
	"errors"
	"fmt"

	"github.com/gander-ml/gander/nn/train"
)

// cancelled plays a subject, cancels it half-way and says whether it ended as it should.
func cancelled(family, dir string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	run := runOf(dir)
	run.OnLog = func(r train.Record) error {
		if r.Step == 2 {
			cancel()
		}
		return nil
	}
	if err := families[family]().play(ctx, run); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: a cancelled run ended with %w", family, err)
	}
	return nil
}

var errHook = errors.New("a hook has had enough")

// failed plays a subject of which a hook fails half-way, and says whether it ended as it should.
func failed(family string) error {
	run := runOf("")
	run.OnLog = func(r train.Record) error {
		if r.Step == 2 {
			return errHook
		}
		return nil
	}
	if err := families[family]().play(context.Background(), run); !errors.Is(err, errHook) {
		return fmt.Errorf("%s: a run with a failing hook ended with %w", family, err)
	}
	return nil
}
