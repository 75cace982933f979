package lapgan

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"strconv"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/train"
)

// BestName is the file that [KeepBest] writes.
const BestName = "best.safetensors"

// KeepBest lets a run keep the level with the lowest score of all its evaluations, such as [Score], in best.safetensors of
// the run's folder, besides what it already does. level is what is saved, for instance with averaged weights. The score is
// logged as "score".
func KeepBest(run train.Run, score func(v *train.View) (float64, error), level func(v *train.View) Trained) train.Run {
	const fact = "score"
	before := run.Eval
	run.Eval = func(v *train.View) (map[string]float64, error) {
		numbers := map[string]float64{}
		if before != nil {
			more, err := before(v)
			if err != nil {
				return nil, err
			}
			for k, x := range more {
				numbers[k] = x
			}
		}
		now, err := score(v)
		if err != nil {
			return nil, err
		}
		numbers[fact] = now
		if v.Dir == "" || math.IsNaN(now) {
			return numbers, nil
		}
		path := filepath.Join(v.Dir, BestName)
		best := math.Inf(1)
		if m, err := checkpoint.ReadManifest(path); err == nil {
			// A file of an earlier part of the run; a damaged one is replaced.
			if x, err := strconv.ParseFloat(m.Facts[fact], 64); err == nil {
				best = x
			}
		} else if errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		if now < best {
			facts := map[string]string{fact: strconv.FormatFloat(now, 'g', -1, 64)}
			if err := Save(path, level(v), v.Step, facts); err != nil {
				return nil, err
			}
		}
		return numbers, nil
	}
	return run
}
