package txt2img

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// TextEncoder turns captions into vectors, such as package charcnnrnn's does. It may be used by several goroutines at once.
// One that cannot make something of every caption may have a method Check(caption string) error, which [Model.Paint] asks.
type TextEncoder interface {
	Width() int                              // of the vectors
	Encode(captions []string) *tensor.Tensor // (len(captions), Width())
}

// checker is a [TextEncoder] that knows which captions it can make nothing of.
type checker interface {
	Check(caption string) error
}

// Embed returns the embedded captions of each of some pictures, (K,E) for K captions: the Texts of [Captioned]. It is an
// error if a picture has none, or if one is empty or not UTF-8.
func Embed(encoder TextEncoder, captions [][]string) ([]*tensor.Tensor, error) {
	out := make([]*tensor.Tensor, len(captions))
	for i, of := range captions {
		if len(of) == 0 {
			return nil, fmt.Errorf("txt2img: picture %d has no caption", i)
		}
		t, err := encode(encoder, of, anything)
		if err != nil {
			return nil, fmt.Errorf("%w (a caption of picture %d)", err, i)
		}
		out[i] = t
	}
	return out, nil
}

// encode checks captions, which must be more than none, and returns their vectors.
func encode(encoder TextEncoder, captions []string, check func(TextEncoder, string) error) (*tensor.Tensor, error) {
	for _, c := range captions {
		switch {
		case strings.TrimSpace(c) == "":
			return nil, errors.New("txt2img: the sentence is empty: say what to paint")
		case !utf8.ValidString(c):
			return nil, fmt.Errorf("txt2img: the sentence %.40q is not UTF-8", c)
		}
		if err := check(encoder, c); err != nil {
			return nil, err
		}
	}
	t := encoder.Encode(captions)
	if t.Rank() != 2 || t.Dim(0) != len(captions) || t.Dim(1) != encoder.Width() {
		panic(fmt.Sprintf("txt2img: a %T made %s of %d captions; want (%d,%d)", encoder, tensor.Format(t.Shape()), len(captions),
			len(captions), encoder.Width()))
	}
	return t, nil
}

// readable returns an error for a caption of which an encoder can make nothing.
func readable(encoder TextEncoder, caption string) error {
	switch e := encoder.(type) {
	case checker:
		return e.Check(caption)
	case *charcnnrnn.Encoder:
		if r := charcnnrnn.Inspect(caption, e.Options.Length); r.Read == 0 {
			return fmt.Errorf("txt2img: %s: write it in English", r.Warning())
		}
	}
	return nil
}

// anything lets captions of a data set pass as they are.
func anything(TextEncoder, string) error { return nil }
