package draw_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/txt2img/draw"
	"github.com/gander-ml/gander/txt2img/draw/digits"
)

func ExampleOpen() {
	m, _, err := draw.Open(digits.Weights, "captioned digits")
	if err != nil {
		panic(err)
	}
	text, err := m.Vocabulary.Read("the digit seven is on the left of the digit two .")
	if err != nil {
		panic(err)
	}
	p := m.Sample(3, text.Repeat(3), rand.New(rand.NewPCG(1, 2)))
	fmt.Println("pictures", p.Last().Shape(), "after strokes:", len(p.Canvases)-1)
	fmt.Println("what the last stroke attended to", p.Attention[len(p.Attention)-1].Shape())
	_, err = m.Vocabulary.Read("a unicorn")
	fmt.Println(err)
	// Output:
	// pictures [3 60 60 1] after strokes: 16
	// what the last stroke attended to [3 12]
	// draw: the model knows no word of "a unicorn"; it knows the, digit, ., is, of, at, on, bottom, left, right, top, eight, five, four, nine, one, seven, six, three, two, zero, image
}
