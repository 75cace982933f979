package style_test

import (
	"context"
	"fmt"
	"io"

	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
)

// A style encoder is trained against a generator that is done, and tested on pictures of known style.
func Example() {
	g := newPainter(1)                                            // any generator with Forward(z, text, pass)
	bank := style.NewBank(tensor.RandN(newRand(7), 30, 3, width)) // embeddings of three captions of each of 30 pictures
	s := style.New(style.Options{Size: side, Latent: latent, Width: 8}, newRand(2))

	game := style.Game{Generator: g, Encoder: s, Latent: latent}
	run := train.Run{Steps: 150, Seed: 1, Progress: io.Discard}
	player := game.Player(optim.Adam{Rate: 2e-3, Beta1: 0.5}) // nil is Adam with the rate of the paper
	if err := train.Play(context.Background(), run, []train.Player[*tensor.Tensor]{player}, bank.Batches(32, 2)); err != nil {
		fmt.Println(err)
		return
	}

	p, err := style.Paint(g, bank, style.PaintOptions{Latent: latent, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	folds, err := style.Pairs(p.Styles, style.PairOptions{Groups: p.Captions})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("by style:", style.Verify(folds, style.Cosine(style.Of(s, p.Pictures))).AUC > 0.9)
	fmt.Println("by captions:", style.Verify(folds, style.Cosine(p.Texts)).AUC > 0.6)

	painted := style.Transfer(g, s, p.Pictures.Rows(0, 8), bank.Draw(4, 1, newRand(3)))
	fmt.Println(painted.Shape())
	// Output:
	// by style: true
	// by captions: false
	// [32 16 16 3]
}
