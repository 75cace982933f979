package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/idx"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
)

const side = 28 // pixels

// load returns digits to learn from, some that are held out to choose by, and some to test on. Without a folder they are
// drawn, n to learn from.
func load(dir string, n int) (learn, held, test *labelled.Images, name string, err error) {
	var all *labelled.Images
	if dir == "" {
		name = "drawn digits"
		all = synthetic.Digits(n+n/5, 1, synthetic.DigitOptions{})
		test = synthetic.Digits(max(n/5, 10), 2, synthetic.DigitOptions{})
	} else {
		name = "MNIST"
		if all, test, err = idx.MNIST(dir, idx.Options{}); err != nil {
			return nil, nil, nil, name, err
		}
		if all.Height != side || all.Width != side || len(all.Classes) != classes {
			return nil, nil, nil, name, fmt.Errorf("%s holds pictures of %d×%d pixels in %d classes; want %d×%d in %d",
				dir, all.Width, all.Height, len(all.Classes), side, side, classes)
		}
	}
	// 50,000 and 10,000 of MNIST, as in the papers.
	cut := all.Len() * 5 / 6
	return all.Slice(0, cut), all.Slice(cut, all.Len()), test, name, nil
}

// batches makes batches for a game, with values in [0, 1].
func batches(digits *labelled.Images, size int) data.Source[gan.Batch] {
	return data.Map(digits.Batches(size, labelled.BatchOptions{}), func(b labelled.Batch, _ *rand.Rand) (gan.Batch, error) {
		return gan.Batch{Images: b.Images, Classes: b.Labels}, nil
	})
}
