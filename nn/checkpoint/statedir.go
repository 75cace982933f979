package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

var (
	stateName = regexp.MustCompile(`^step-(\d{8,18})\.state$`)
	// leftover is what package atomicfile calls a state that is being written, or was when its writer was killed.
	leftover = regexp.MustCompile(`^\.step-\d{8,18}\.state\.[0-9a-f]{8}\.tmp$`)
)

// StatePath returns where a folder of states keeps that of a step: dir/step-00001800.state.
func StatePath(dir string, step int) string {
	if step < 0 {
		panic(fmt.Sprintf("checkpoint.StatePath: step %d", step))
	}
	return filepath.Join(dir, fmt.Sprintf("step-%08d.state", step))
}

// WriteStep writes the state of a step into a folder, which is made if need be.
func WriteStep(dir string, step int, s *State) error {
	path := StatePath(dir, step)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return pathError(dir, err)
	}
	return writeState(path, s, &step)
}

// Found is what [Latest] found.
type Found struct {
	State   *State // nil if there is no good state
	Step    int
	Path    string
	Skipped []error // what is wrong with newer files, newest first; each names its file
}

// Latest returns the newest state in a folder whose checksum holds. Damaged ones are skipped and reported. A folder that
// is missing or holds no state is no error: then Found.State is nil. What killed writers left behind is not looked at.
func Latest(dir string) (Found, error) {
	var found Found
	steps, err := listSteps(dir)
	if err != nil {
		return found, err
	}
	for _, step := range slices.Backward(steps) {
		s, err := readStep(dir, step)
		if err != nil {
			found.Skipped = append(found.Skipped, err)
			continue
		}
		found.State, found.Step, found.Path = s, step, StatePath(dir, step)
		break
	}
	return found, nil
}

// Prune removes all but the newest keep good states of a folder, and what killed writers left behind. Damaged files that
// are newer than the oldest state kept stay. Nothing else in the folder is touched. It is for the one run that writes
// there, between two of its writes, and panics if keep is less than one.
func Prune(dir string, keep int) error {
	return PruneApart(dir, keep, func(int) bool { return false })
}

// PruneApart is [Prune] of two kinds of states, those of steps that are apart and the others: the newest keep good ones of each
// kind stay.
func PruneApart(dir string, keep int, apart func(step int) bool) error {
	if keep < 1 {
		panic(fmt.Sprintf("checkpoint.Prune: keep %d", keep))
	}
	steps, err := listSteps(dir)
	if err != nil {
		return err
	}
	left := map[bool]int{false: keep, true: keep}
	var failed []error
	for _, step := range slices.Backward(steps) {
		kind := apart(step)
		if left[kind] > 0 {
			// A damaged file must not take the place of a good one.
			recorded, err := verifyState(StatePath(dir, step))
			if err == nil && recorded != nil && *recorded == step {
				left[kind]--
			}
			continue
		}
		path := StatePath(dir, step)
		failed = append(failed, pathError(path, os.Remove(path)))
	}
	return errors.Join(append(failed, removeLeftovers(dir))...)
}

// Rewind removes the states of a folder that are newer than the newest good one up to a step, and returns that one's step. If there
// is none, ok is false and nothing is removed.
func Rewind(dir string, step int) (to int, ok bool, err error) {
	steps, err := listSteps(dir)
	if err != nil {
		return 0, false, err
	}
	for _, to := range slices.Backward(steps) {
		if to > step {
			continue
		}
		recorded, err := verifyState(StatePath(dir, to))
		if err != nil || recorded == nil || *recorded != to {
			continue
		}
		var failed []error
		for _, newer := range slices.Backward(steps) {
			if newer > to {
				path := StatePath(dir, newer)
				failed = append(failed, pathError(path, os.Remove(path)))
			}
		}
		return to, true, errors.Join(failed...)
	}
	return 0, false, nil
}

func readStep(dir string, step int) (*State, error) {
	path := StatePath(dir, step)
	s, recorded, err := readState(path)
	if err == nil && (recorded == nil || *recorded != step) {
		err = pathError(path, errors.New("holds the state of another step than its name says"))
	}
	return s, err
}

// listSteps returns the steps that a folder has states of, in increasing order.
func listSteps(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, pathError(dir, err)
	}
	var steps []int
	for _, e := range entries {
		m := stateName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		// Names with needless zeros are not ours: StatePath would not find them.
		if step, err := strconv.Atoi(m[1]); err == nil && filepath.Base(StatePath(dir, step)) == e.Name() {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, nil
}

func removeLeftovers(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return pathError(dir, err)
	}
	var failed []error
	for _, e := range entries {
		if leftover.MatchString(e.Name()) {
			path := filepath.Join(dir, e.Name())
			failed = append(failed, pathError(path, os.Remove(path)))
		}
	}
	return errors.Join(failed...)
}
