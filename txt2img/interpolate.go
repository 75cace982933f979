package txt2img

import (
	"fmt"
	"image"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/tensor"
)

// BetweenSentences returns p.N rows of so many pictures on the way from one sentence to another: embedded captions
// (1−λ)·φ(from) + λ·φ(to) for λ from 0 to 1, and the same noise along each row. Reed et al. 2016, §5.4. Errors are those of
// [Model.Paint], and fewer than two steps.
func (m *Model) BetweenSentences(from, to string, steps int, p Paint) ([][]image.Image, error) {
	text, err := m.Embed(from, to)
	if err != nil {
		return nil, err
	}
	z, err := m.Noise(p)
	if err != nil {
		return nil, err
	}
	if err := checkSteps(steps, z.Dim(0)); err != nil {
		return nil, err
	}
	way := gan.Lerp(text.Rows(0, 1).Reshape(-1), text.Rows(1, 2).Reshape(-1), steps)
	rows := make([][]image.Image, z.Dim(0))
	for i := range rows {
		rows[i] = m.row(repeat(z.Rows(i, i+1), steps), way, p)
	}
	return rows, nil
}

// BetweenNoises returns p.N rows of so many pictures of one sentence on the way from one noise to another, on a great circle,
// which keeps its length ([gan.Slerp]). Row i goes from the noise of picture 2i to that of picture 2i+1 of [Model.Paint]. §5.4.
// Errors are those of [Model.Paint], and fewer than two steps.
func (m *Model) BetweenNoises(sentence string, steps int, p Paint) ([][]image.Image, error) {
	text, err := m.Embed(sentence)
	if err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	n := max(p.N, 1)
	if err := checkSteps(steps, n); err != nil {
		return nil, err
	}
	ends := p
	ends.N = 2 * n
	z, err := m.Noise(ends)
	if err != nil {
		return nil, err
	}
	rows := make([][]image.Image, n)
	for i := range rows {
		at := func(k int) *tensor.Tensor { return z.Rows(k, k+1).Reshape(z.Shape()[1:]...) }
		rows[i] = m.row(gan.Slerp(at(2*i), at(2*i+1), steps), repeat(text, steps), p)
	}
	return rows, nil
}

func checkSteps(steps, rows int) error {
	if steps < 2 || steps > mostPictures/rows {
		return fmt.Errorf("txt2img: %d rows of %d steps; want 2 steps or more, and up to %d pictures", rows, steps, mostPictures)
	}
	return nil
}
