package style

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Bank is the embedded captions that pictures are painted from: for each of M pictures (or sentences) its captions, (K,E)
// with K that may differ.
type Bank []*tensor.Tensor

// NewBank returns a bank of M sentences (M,E), or of M pictures with K captions each (M,K,E). It shares memory with the
// embeddings, and panics for other shapes.
func NewBank(embeddings *tensor.Tensor) Bank {
	s := embeddings.Shape()
	if len(s) != 2 && len(s) != 3 {
		panic("style.NewBank: want embeddings (M,E) or (M,K,E), got " + tensor.Format(s))
	}
	b := make(Bank, s[0])
	for i := range b {
		b[i] = embeddings.Rows(i, i+1).Reshape(-1, s[len(s)-1])
	}
	return b
}

// Check returns an error unless there is at least one caption, of one width, for each of at least n pictures.
func (b Bank) Check(n int) error {
	if len(b) < n {
		return fmt.Errorf("style: captions of %d pictures; want %d or more", len(b), n)
	}
	for i, t := range b {
		if t == nil || t.Rank() != 2 || t.Dim(0) < 1 || t.Dim(1) != b[0].Dim(1) {
			shape := "none"
			if t != nil {
				shape = tensor.Format(t.Shape())
			}
			return fmt.Errorf("style: captions of picture %d: want embeddings (K,E) as those of picture 0, got %s", i, shape)
		}
	}
	return nil
}

// Batches is a source of n texts (n,E), for [Game]; 0 means 64. Pictures are drawn uniformly, and of each the mean of
// average captions, drawn with replacement: as many as the generator was trained with, 4 for the paper's birds and flowers;
// 0 means 1.
func (b Bank) Batches(n, average int) data.Source[*tensor.Tensor] {
	return data.Func[*tensor.Tensor](func(_ int, rng *rand.Rand) (*tensor.Tensor, error) {
		if err := b.Check(1); err != nil {
			return nil, err
		}
		return b.Draw(either(n, 64), average, rng), nil
	})
}

// Draw returns n texts (n,E), as [Bank.Batches] draws them.
func (b Bank) Draw(n, average int, rng *rand.Rand) *tensor.Tensor {
	of := make([]int, n)
	for i := range of {
		of[i] = rng.IntN(len(b))
	}
	return b.texts(of, average, rng)
}

// Mean returns the mean of all captions of each picture (M,E): the captions' side of a test of style, see [Cosine].
func (b Bank) Mean() *tensor.Tensor {
	out := tensor.New(len(b), b[0].Dim(1))
	for i, captions := range b {
		out.Rows(i, i+1).CopyFrom(tensor.Mean(captions, 0).Reshape(1, -1))
	}
	return out
}

// texts returns a text for each picture of a list.
func (b Bank) texts(of []int, average int, rng *rand.Rand) *tensor.Tensor {
	k := max(average, 1)
	out := tensor.New(len(of), b[0].Dim(1))
	for i, picture := range of {
		captions := b[picture]
		for range k {
			j := rng.IntN(captions.Dim(0))
			tensor.AddScaledInto(out.Rows(i, i+1), captions.Rows(j, j+1), 1/float32(k))
		}
	}
	return out
}
