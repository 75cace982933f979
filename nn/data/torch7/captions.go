package torch7

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gander-ml/gander/tensor"
)

// Alphabet is the characters that the published captions are numbered by, from 1; 0 is none. "-" is there twice, and its
// second number counts. Reed et al. 2016 (CVPR), §4.1 and its code.
const Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+-=<>()[]{} "

// Letters is the length of the published captions, with the zeros behind them.
const Letters = 201

// Sentences returns the captions of each picture of a class, from a tensor of the numbers of their letters (pictures, letters,
// captions), as in the text_c10/<class>.t7 of Reed et al. Of two sizes, they are the captions of one picture, (letters,
// captions), or (captions, letters) if only the second size is [Letters]; of one size, they are one caption.
//
// As in the published training program, the first 0 ends a caption, so that it stops at a character beyond [Alphabet]; spaces
// around it are cut off, and it may be empty. Numbers that are not of the alphabet are an error.
func Sentences(t *Tensor) ([][]string, error) {
	x := t.Floats()
	if len(x) == 0 {
		return nil, errors.New("a tensor without numbers holds no captions")
	}
	pictures, letters, captions := 1, t.Shape[0], 1
	letter, caption := 1, letters // steps
	switch s := t.Shape; {
	case len(s) == 1:
	case len(s) == 2 && s[0] != Letters && s[1] == Letters:
		letters, captions = s[1], s[0]
		letter, caption = 1, letters
	case len(s) == 2:
		captions = s[1]
		letter, caption = captions, 1
	case len(s) == 3:
		pictures, letters, captions = s[0], s[1], s[2]
		letter, caption = captions, 1
	default:
		return nil, fmt.Errorf("a tensor %v holds no captions; want (pictures, letters, captions)", s)
	}
	out := make([][]string, pictures)
	for i := range out {
		out[i] = make([]string, captions)
		for j := range out[i] {
			var b strings.Builder
			for k := range letters {
				v := x[i*letters*captions+j*caption+k*letter]
				if v == 0 {
					break
				}
				if v != math.Trunc(v) || !(v >= 1 && v <= float64(len(Alphabet))) {
					return nil, fmt.Errorf("letter %d of caption %d of picture %d is %v, want 0 to %d", k+1, j+1, i+1, v, len(Alphabet))
				}
				b.WriteByte(Alphabet[int(v)-1])
			}
			out[i][j] = strings.TrimSpace(b.String())
		}
	}
	return out, nil
}

// Entry is what one of the published files of the text-to-image GAN of Reed et al. 2016 (ICML) says: there is one for each
// picture.
type Entry struct {
	Picture  string         // "img", its file in the folder of pictures; may be empty
	Captions []string       // "char", without those that are empty; nil if it is not there
	Vectors  *tensor.Tensor // "txt", the captions' vectors (captions, 1024) by the published encoder; nil if it is not there
}

// EntryOf takes an [Entry] from what [Read] returns, a table. Other names in it are passed over. It is an error if it has
// neither captions nor vectors.
func EntryOf(v any) (e Entry, err error) {
	t, ok := v.(*Table)
	if !ok {
		return e, fmt.Errorf(`is a %s, want a table with "img", "char" and "txt"`, kindOf(v))
	}
	_, hasChar := t.Get("char")
	_, hasText := t.Get("txt")
	if !hasChar && !hasText {
		_, err := t.named("char")
		return e, err
	}
	if _, ok := t.Get("img"); ok {
		if e.Picture, err = t.Text("img"); err != nil {
			return e, err
		}
	}
	if hasChar {
		x, err := t.Tensor("char")
		if err != nil {
			return e, err
		}
		if len(x.Shape) > 2 {
			return e, fmt.Errorf(`"char" has sizes %v, want those of one picture's captions, (letters, captions)`, x.Shape)
		}
		all, err := Sentences(x)
		if err != nil {
			return e, fmt.Errorf(`"char": %w`, err)
		}
		for _, c := range all[0] {
			if c != "" {
				e.Captions = append(e.Captions, c)
			}
		}
	}
	if hasText {
		x, err := t.Tensor("txt")
		if err != nil {
			return e, err
		}
		if len(x.Shape) != 2 || x.Len() == 0 {
			return e, fmt.Errorf(`"txt" has sizes %v, want (captions, numbers)`, x.Shape)
		}
		e.Vectors = x.Tensor()
	}
	return e, nil
}
