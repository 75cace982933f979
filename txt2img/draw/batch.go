package draw

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Text is what a batch of pictures is painted from: nothing, captions of one length, or vectors for whole sentences.
type Text struct {
	Words   []int          // N·L indices into the vocabulary, caption by caption; nil unless captions are read
	Length  int            // L, words in each caption
	Vectors *tensor.Tensor // (N,S), for [Sentence]; else nil
}

// Batch is pictures with their text.
type Batch struct {
	Images *tensor.Tensor // (N,H,W,C) in [0,1]
	Text   Text
}

// Shard returns part i of k of the batch, or an error if it cannot be cut into equal parts.
func (b Batch) Shard(i, k int) (Batch, error) {
	lo, hi, err := data.ShardRange(b.Images.Dim(0), i, k)
	if err != nil {
		return Batch{}, err
	}
	return Batch{b.Images.Rows(lo, hi), b.Text.Rows(lo, hi)}, nil
}

// Rows returns the texts lo to hi.
func (t Text) Rows(lo, hi int) Text {
	out := Text{Length: t.Length}
	if t.Words != nil {
		out.Words = t.Words[lo*t.Length : hi*t.Length]
	}
	if t.Vectors != nil {
		out.Vectors = t.Vectors.Rows(lo, hi)
	}
	return out
}

// Repeat returns n copies of the only text.
func (t Text) Repeat(n int) Text {
	out := Text{Length: t.Length}
	for range n {
		out.Words = append(out.Words, t.Words...)
	}
	if t.Vectors != nil {
		out.Vectors = tensor.BroadcastTo(t.Vectors, n, t.Vectors.Dim(1))
	}
	return out
}

// Swapped is a source of the batches of src in which every picture has the text of the next one. The bound grows by what the
// model has learned to take from texts.
func Swapped(src data.Source[Batch]) data.Source[Batch] {
	return data.Map(src, func(b Batch, _ *rand.Rand) (Batch, error) {
		t, n := b.Text, b.Images.Dim(0)
		if t.Words != nil {
			t.Words = append(slices.Clone(t.Words[t.Length:]), t.Words[:t.Length]...)
		}
		if t.Vectors != nil {
			t.Vectors = tensor.Concat(0, t.Vectors.Rows(1, n), t.Vectors.Rows(0, 1))
		}
		return Batch{b.Images, t}, nil
	})
}

// read prepares the text of n pictures for the steps of a model. It panics unless it is what the options ask for.
func (m *Model) read(op string, t Text, n int) text {
	o := m.Options
	switch {
	case o.Text.reads():
		if t.Length < 1 || len(t.Words) != n*t.Length {
			panic(fmt.Sprintf("%s: want %d captions of equal length, got %d words, %d for each", op, n, len(t.Words), t.Length))
		}
		each, end := m.Language.read(t.Words, n)
		switch o.Text {
		case Aligned:
			return text{words: each, keys: m.Align.Word.Forward(each)}
		case Averaged:
			return text{fixed: autograd.Mean(each, 1).Reshape(n, -1)}
		}
		return text{fixed: end}
	case o.Text == Sentence:
		if v := t.Vectors; v == nil || v.Rank() != 2 || v.Dim(0) != n || v.Dim(1) != o.Sentence {
			got := "none"
			if v != nil {
				got = tensor.Format(v.Shape())
			}
			panic(fmt.Sprintf("%s: want vectors of sentences (%d,%d), got %s", op, n, o.Sentence, got))
		}
		return text{fixed: autograd.Const(t.Vectors)}
	}
	if t.Words != nil || t.Vectors != nil {
		panic(op + ": the model paints without text, and was given some")
	}
	return text{}
}

// Binarise returns pictures in which a value v in [0,1] became 1 with probability v, and 0 otherwise: binarised MNIST as DRAW
// is trained on, drawn anew for each batch.
func Binarise(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
	y := tensor.New(x.Shape()...)
	for i, v := range x.Data() {
		if rng.Float32() < v {
			y.Data()[i] = 1
		}
	}
	return y
}
