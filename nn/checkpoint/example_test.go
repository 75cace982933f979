package checkpoint_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
)

type Painter struct {
	Grow *nn.Linear `nn:"grow"`
	Out  *nn.Conv2D `nn:"out"`
}

// PainterOptions are what a Painter is built with.
type PainterOptions struct{ Latent, Width int }

func NewPainter(o PainterOptions, rng *rand.Rand) *Painter {
	return &Painter{
		Grow: nn.NewLinear(o.Latent, 16*o.Width, nn.LinearOptions{Unflatten: [3]int{4, 4, o.Width}}, rng),
		Out:  nn.NewConv2D(o.Width, 3, 3, nn.ConvOptions{Pad: 1}, rng),
	}
}

// A network is saved with what is needed to build it, and built again from the file alone.
func Example() {
	dir, err := os.MkdirTemp("", "checkpoint")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "painter.safetensors")

	rng := rand.New(rand.NewPCG(1, 0))
	opts := PainterOptions{Latent: 10, Width: 8}
	manifest := checkpoint.NewManifest("painter", opts)
	manifest.Step = 20_000
	if err := checkpoint.Save(path, NewPainter(opts, rng), manifest); err != nil {
		fmt.Println(err)
		return
	}

	read, err := checkpoint.ReadManifest(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	var again PainterOptions
	if err := read.Decode(&again); err != nil {
		fmt.Println(err)
		return
	}
	p := NewPainter(again, rng)
	fmt.Println(read.Architecture, again, checkpoint.Load(p, path))

	narrow := NewPainter(PainterOptions{Latent: 10, Width: 4}, rng)
	fmt.Println(checkpoint.Load(narrow, path) != nil)
	// Output:
	// painter {10 8} <nil>
	// true
}

// A run that is killed goes on from its newest good state.
func ExampleLatest() {
	dir, err := os.MkdirTemp("", "states")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	rng := rand.New(rand.NewPCG(1, 0))
	p := NewPainter(PainterOptions{Latent: 10, Width: 8}, rng)
	for _, step := range []int{600, 1200, 1800} {
		var s checkpoint.State
		s.AddModel("painter", p)
		s.AddInts("seen", int64(step)*16)
		if err := checkpoint.WriteStep(dir, step, &s); err != nil {
			fmt.Println(err)
			return
		}
	}
	os.Truncate(checkpoint.StatePath(dir, 1800), 1000)

	found, err := checkpoint.Latest(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	seen, err := found.State.Int("seen")
	fmt.Println(found.Step, seen, err, len(found.Skipped), found.State.RestoreModel("painter", p))
	// Output: 1200 19200 <nil> 1 <nil>
}
