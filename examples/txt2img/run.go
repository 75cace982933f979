package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// freshOrResumed returns an error if a folder holds a run and none is to be gone on with, or the other way around.
func freshOrResumed(dir string, resume bool) error {
	_, err := os.Stat(filepath.Join(dir, "run.json"))
	switch missing := errors.Is(err, fs.ErrNotExist); {
	case !missing && !resume:
		return fmt.Errorf("%s holds a run already; -resume goes on with it", dir)
	case missing && resume:
		return fmt.Errorf("%s holds no run to resume", dir)
	}
	return nil
}
