package train

import (
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/gander-ml/gander/nn/data"
)

// Run says how long a training goes on, what fixes its outcome, and what it leaves on disk. Zero fields mean the usual
// choice; only Steps must be given.
type Run struct {
	Dir   string // the run's folder; empty means that nothing is written
	Steps int    // rounds, counted from the very beginning of the run
	Seed  uint64 // fixes the run: same seed, same instruction set, same bits

	Shards   int                  // parts of each batch, whose gradients are averaged; 0 means 1
	Exchange Exchange             // who computes the shards; nil means goroutines
	Prefetch data.PrefetchOptions // how far batches are made ahead; changes no result

	CheckpointEvery int // steps, and at the end; 0 means 500, less only at the end
	Keep            int // checkpoints kept; 0 means 3, less all

	// Suspect says whether the checkpoint of a step may be of a run that has gone wrong since. Such checkpoints do not push out others:
	// the last Keep of either kind stay. Nil means that none is suspected.
	Suspect func(step int) bool

	LogEvery int // steps, and at the end; 0 means 10, less never

	// The log is written as log.jsonl, with a Record on each line. The same numbers are in log.csv, for spreadsheets, and together
	// with the pictures of Sample in event files, for "tensorboard --logdir DIR", unless they are not wanted.
	NoCSV, NoTensorBoard bool

	// Sample draws what the networks do now. The picture is written to samples/step-NNNNNN.png: before the first step,
	// every SampleEvery steps, and at the end. 0 means CheckpointEvery.
	Sample      func(v *View) (image.Image, error)
	SampleEvery int

	// Eval measures the networks. The numbers are logged: before the first step, every EvalEvery steps, and at the end. 0
	// means CheckpointEvery.
	Eval      func(v *View) (map[string]float64, error)
	EvalEvery int

	// Export writes what others load, such as a model file. It is called just before every checkpoint, and when the run is
	// stopped.
	Export func(v *View) error

	// OnLog receives every record of the log. An error ends the run.
	OnLog func(r Record) error

	// Config says what else the run depends on, such as the data set and the size of a batch. It is kept in checkpoints, and
	// a run with other values does not go on from them.
	Config map[string]string

	// Progress shows a bar if it is a terminal, and receives a line when the run goes on from a checkpoint. Nil means
	// os.Stderr.
	Progress io.Writer
}

// withDefaults returns the run with the usual choices filled in.
func (r Run) withDefaults() (Run, error) {
	if r.Steps <= 0 {
		return r, fmt.Errorf("train: want at least 1 step, got %d", r.Steps)
	}
	if r.Shards < 0 {
		return r, errors.New("train: a batch cannot be cut into a negative number of shards")
	}
	r.Shards = max(r.Shards, 1)
	if r.Exchange == nil {
		r.Exchange = defaultWorkers()
	}
	r.CheckpointEvery = usual(r.CheckpointEvery, 500)
	r.Keep = usual(r.Keep, 3)
	r.LogEvery = usual(r.LogEvery, 10)
	r.SampleEvery = usual(r.SampleEvery, r.CheckpointEvery)
	r.EvalEvery = usual(r.EvalEvery, r.CheckpointEvery)
	return r, nil
}

func usual(v, zero int) int {
	if v == 0 {
		return zero
	}
	return v
}

// due reports whether what happens every so many steps happens after this one.
func due(step, every int) bool { return every > 0 && step%every == 0 }
