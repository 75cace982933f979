package style_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
)

func TestTransfer(t *testing.T) {
	g, e := newPainter(1), newEncoder(2)
	x, texts := tensor.RandU(newRand(3), -1, 1, 3, side, side, 3), tensor.RandN(newRand(4), 2, width)
	got := style.Transfer(g, e, x, texts)
	require.Equal(t, []int{6, side, side, 3}, got.Shape())
	for r := range 2 {
		for c := range 3 {
			z := e.Forward(autograd.Const(x.Rows(c, c+1)), nil)
			want := g.Forward(z, autograd.Const(texts.Rows(r, r+1)), nil).Value()
			k := 3*r + c
			require.InDeltaSlice(t, want.Data(), got.Rows(k, k+1).Data(), 1e-5)
		}
	}
	sheet := style.Sheet(x, got, []string{"a red heart", "a blue one"}, 2)
	require.Greater(t, sheet.Width(), 3*2*side)
	require.Greater(t, sheet.Height(), 3*2*side)
	require.Panics(t, func() { style.Sheet(x, got, []string{"one"}, 1) })
	require.Panics(t, func() { style.Transfer(g, e, x, tensor.New(width)) })
}

// An encoder that has learned gives the noise back, so that a picture's own text paints the picture again.
func TestTransferPaintsThePictureAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	g, e := newPainter(1), newEncoder(2)
	p, err := style.Paint(g, bank(), style.PaintOptions{Styles: 8, Each: 2, Latent: latent, Seed: 9})
	require.NoError(t, err)
	distance := func() (own, other float64) {
		again := style.Transfer(g, e, p.Pictures, p.Texts) // text r in style c
		n := p.Pictures.Dim(0)
		for c := range n {
			d := tensor.Sub(again.Rows(c*n+c, c*n+c+1), p.Pictures.Rows(c, c+1))
			own += tensor.Dot(d, d)
			o := (c + 2) % n // another style, with this text
			d = tensor.Sub(again.Rows(c*n+o, c*n+o+1), p.Pictures.Rows(c, c+1))
			other += tensor.Dot(d, d)
		}
		return own, other
	}
	play(t, style.Game{Generator: g, Encoder: e, Latent: latent}, 250)
	own, other := distance()
	t.Logf("own style %.1f, another %.1f", own, other)
	require.Less(t, own, other/3)
}
