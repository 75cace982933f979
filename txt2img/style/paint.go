package style

import (
	"fmt"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// PaintOptions say what [Paint] paints. The zero value is the usual choice.
type PaintOptions struct {
	Styles  int    // noise vectors; 0 means 100
	Each    int    // pictures of each, all of other captions; 0 means 4
	Latent  int    // numbers in a noise vector; 0 means 100
	Average int    // captions whose mean a text is, as in [Bank.Batches]; 0 means 1
	Seed    uint64 // fixes what is drawn
}

// Painted is pictures of known style: those of one style were painted from the same noise, with captions of different
// entries of the bank.
type Painted struct {
	Pictures *tensor.Tensor // (N,H,W,3), N = Styles·Each
	Noise    *tensor.Tensor // (N,Z)
	Texts    *tensor.Tensor // (N,E)
	Styles   []int          // which noise vector each was painted from
	Captions []int          // which entry of the bank each was told
}

// Paint has a generator paint pictures whose style is known, for the test of an encoder where no data set says what the style
// is. Noise and captions are drawn independently, so that nothing can be told about the style of a picture from its caption:
//
//	p, err := style.Paint(g, bank, style.PaintOptions{Seed: 1})
//	folds, err := style.Pairs(p.Styles, style.PairOptions{Groups: p.Captions})
//	ours := style.Verify(folds, style.Cosine(style.Of(s, p.Pictures)))
//	baseline := style.Verify(folds, style.Cosine(p.Texts))           // chance
//
// It is an error if the bank has fewer entries than a style needs.
func Paint(g Generator, bank Bank, o PaintOptions) (Painted, error) {
	styles, each, latent := either(o.Styles, 100), either(o.Each, 4), either(o.Latent, 100)
	if styles < 1 || each < 1 || latent < 1 || o.Average < 0 {
		panic(fmt.Sprintf("style.Paint: want positive numbers, got %+v", o))
	}
	if err := bank.Check(each); err != nil {
		return Painted{}, err
	}
	rng := data.Stream(o.Seed)
	p := Painted{Noise: tensor.New(styles*each, latent)}
	for s := range styles {
		z := tensor.RandN(rng, 1, latent)
		taken := map[int]bool{}
		for k := range each {
			c := rng.IntN(len(bank))
			for taken[c] {
				c = rng.IntN(len(bank))
			}
			taken[c] = true
			p.Noise.Rows(s*each+k, s*each+k+1).CopyFrom(z)
			p.Styles, p.Captions = append(p.Styles, s), append(p.Captions, c)
		}
	}
	p.Texts = bank.texts(p.Captions, o.Average, rng)
	p.Pictures = gan.Draw(g, p.Noise, p.Texts)
	return p, nil
}
