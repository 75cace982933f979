package draw

import "fmt"

// Conditioning says what a model paints from besides noise.
type Conditioning string

// The kinds of conditioning. All but Free learn a prior, the first states and the first canvas as well.
const (
	Free     Conditioning = ""         // nothing: DRAW
	Aligned  Conditioning = "aligned"  // a caption, of whose words each step takes what it attends to: alignDRAW
	Averaged Conditioning = "averaged" // a caption, the mean over whose words every step sees: noalignDRAW
	Final    Conditioning = "final"    // a caption, every step sees how reading it ended, in both directions: noalignDRAW too
	Sentence Conditioning = "sentence" // a vector for the whole caption, made elsewhere: skipthoughtDRAW
)

// reads tells whether the model reads captions word by word.
func (c Conditioning) reads() bool { return c == Aligned || c == Averaged || c == Final }

// Options shape a [Model]. [MNIST], [PlainMNIST], [CaptionedMNIST] and [COCO] are those of the papers.
type Options struct {
	Height   int `json:"height"`   // of the pictures
	Width    int `json:"width"`    // of the pictures
	Channels int `json:"channels"` // 1 or 3 in the papers; the planes share a window
	Steps    int `json:"steps"`    // strokes on the canvas
	Hidden   int `json:"hidden"`   // units of encoder and decoder each
	Latent   int `json:"latent"`   // numbers that are drawn for a step

	// Read and Write are the sides of the windows through which encoder and decoder see the canvas. Both are 0 for a model
	// without attention, which reads and writes all of it in every step.
	Read  int `json:"read,omitempty"`
	Write int `json:"write,omitempty"`

	Text     Conditioning `json:"text,omitempty"`
	Words    int          `json:"words,omitempty"`    // in the vocabulary, where captions are read
	Language int          `json:"language,omitempty"` // units that read captions, in each direction
	Align    int          `json:"align,omitempty"`    // units that compare words with the decoder's state, for Aligned
	Sentence int          `json:"sentence,omitempty"` // numbers in the vector of a Sentence

	// Ink is the first canvas before training, as logits, where it is learned: −10 is black.
	Ink float32 `json:"ink,omitempty"`
}

// The models of the papers.
var (
	// MNIST is DRAW for binarised MNIST. Gregor et al. 2015, table 3.
	MNIST = Options{Height: 28, Width: 28, Channels: 1, Steps: 64, Hidden: 256, Latent: 100, Read: 2, Write: 5}

	// PlainMNIST is MNIST without attention.
	PlainMNIST = Options{Height: 28, Width: 28, Channels: 1, Steps: 64, Hidden: 256, Latent: 100}

	// CaptionedMNIST is alignDRAW for digits with captions. Mansimov et al. 2016, §4.2 and the released code.
	CaptionedMNIST = Options{
		Height: 60, Width: 60, Channels: 1, Steps: 32, Hidden: 300, Latent: 150, Read: 8, Write: 8,
		Text: Aligned, Words: 23, Language: 128, Align: 512, Ink: -10,
	}

	// COCO is alignDRAW for MS-COCO. Mansimov et al. 2016, §4.1 and the released code.
	COCO = Options{
		Height: 32, Width: 32, Channels: 3, Steps: 32, Hidden: 550, Latent: 275, Read: 9, Write: 9,
		Text: Aligned, Words: 25323, Language: 128, Align: 512,
	}
)

// The limits on sizes, far beyond what can be trained.
const (
	largestSide  = 512
	largestSteps = 1024
	largestWidth = 1 << 14
	largestWords = 1 << 20
)

// Check returns an error unless a model can be built with the options.
func (o Options) Check() error {
	type size struct {
		what          string
		n, most, used int // used is 0 where the size has to be 0
	}
	flag := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	attends := flag(o.Read != 0 || o.Write != 0)
	for _, s := range []size{
		{"rows of pixels", o.Height, largestSide, 1}, {"columns of pixels", o.Width, largestSide, 1},
		{"channels", o.Channels, 16, 1}, {"steps", o.Steps, largestSteps, 1}, {"hidden units", o.Hidden, largestWidth, 1},
		{"latent numbers", o.Latent, largestWidth, 1}, {"points a side of the reading window", o.Read, largestSide, attends},
		{"points a side of the writing window", o.Write, largestSide, attends},
		{"words", o.Words, largestWords, flag(o.Text.reads())}, {"units that read", o.Language, largestWidth, flag(o.Text.reads())},
		{"units that align", o.Align, largestWidth, flag(o.Text == Aligned)},
		{"numbers in a sentence", o.Sentence, largestWidth, flag(o.Text == Sentence)},
	} {
		switch {
		case s.used == 0 && s.n != 0:
			return fmt.Errorf("draw: %d %s; a model that paints from %s has none", s.n, s.what, o.Text)
		case s.used != 0 && (s.n < 1 || s.n > s.most):
			return fmt.Errorf("draw: %d %s; want 1 to %d", s.n, s.what, s.most)
		}
	}
	switch o.Text {
	case Free, Aligned, Averaged, Final, Sentence:
	default:
		return fmt.Errorf("draw: text %q; want %q, %q, %q, %q or %q", string(o.Text), Free, Aligned, Averaged, Final, Sentence)
	}
	if !(o.Ink >= -100 && o.Ink <= 100) || o.Ink != 0 && o.Text == Free {
		return fmt.Errorf("draw: a first canvas of %g; want −100 to 100, and 0 where it is not learned", o.Ink)
	}
	return nil
}

// String implements fmt.Stringer.
func (c Conditioning) String() string {
	if c == Free {
		return "nothing"
	}
	return string(c)
}

// attends tells whether the model has windows.
func (o Options) attends() bool { return o.Write > 0 }

// seen is how many numbers the encoder sees of the picture and of what is missing.
func (o Options) seen() int {
	if o.attends() {
		return 2 * o.Read * o.Read * o.Channels
	}
	return 2 * o.Height * o.Width * o.Channels
}

// stroke is how many numbers the decoder writes.
func (o Options) stroke() int {
	if o.attends() {
		return o.Write * o.Write * o.Channels
	}
	return o.Height * o.Width * o.Channels
}

// context is how many numbers of the text the decoder sees in a step.
func (o Options) context() int {
	if o.Text == Sentence {
		return o.Sentence
	}
	return 2 * o.Language
}
