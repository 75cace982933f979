package draw

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Model is DRAW or, with text, alignDRAW. Fields that its options do not ask for are nil.
type Model struct {
	Options    Options
	Vocabulary Vocabulary // of captions; nil if there are none, or if only their numbers are known

	Encoder   *Memory    `nn:"encoder"`
	Decoder   *Memory    `nn:"decoder"`
	Posterior *nn.Linear `nn:"posterior"` // the encoder's state to mean and ln σ of the latent numbers
	Stroke    *nn.Linear `nn:"stroke"`    // the decoder's state to what is written

	ReadWindow  *nn.Linear `nn:"read_window"`  // the decoder's state to the five numbers of a window
	WriteWindow *nn.Linear `nn:"write_window"` // the same of the window through which it writes

	Prior    *nn.Linear    `nn:"prior"` // the decoder's state to mean and ln σ of the latent numbers of the next step
	Language *Language     `nn:"language"`
	Align    *Aligner      `nn:"align"`
	EncStart *autograd.Var `nn:"encoder_start"` // (h), first state of the encoder
	DecStart *autograd.Var `nn:"decoder_start"` // (h), first state of the decoder
	Canvas   *autograd.Var `nn:"canvas"`        // (H,C·W), first canvas
}

// New returns an untrained model. With text, weights are drawn from N(0, 0.01²) as in the released code; DRAW's authors give
// no distribution, and its are uniform on ±1/√in. It panics unless the options are possible; see [Options.Check].
func New(o Options, rng *rand.Rand) *Model {
	if o.Text == Free {
		return NewFrom(o, nil, rng)
	}
	return NewFrom(o, nn.Normal(0.01), rng)
}

// NewFrom is [New] with weights from init. With nil they are uniform on ±1/√in and those of words are standard normal: then what
// a caption says weighs enough from the start to be learned sooner than from the small weights of the released code, through
// three layers of which it reaches the canvas.
func NewFrom(o Options, init nn.Init, rng *rand.Rand) *Model {
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	seen := o.Latent
	if o.Text != Free {
		seen += o.context()
	}
	linear := func(in, out int) *nn.Linear { return nn.NewLinear(in, out, nn.LinearOptions{Init: init}, rng) }
	m := &Model{
		Options:   o,
		Encoder:   newMemory(o.seen()+o.Hidden, o.Hidden, init, rng),
		Decoder:   newMemory(seen, o.Hidden, init, rng),
		Posterior: linear(o.Hidden, 2*o.Latent),
		Stroke:    linear(o.Hidden, o.stroke()),
	}
	if o.attends() {
		m.ReadWindow, m.WriteWindow = linear(o.Hidden, 5), linear(o.Hidden, 5)
	}
	if o.Text == Free {
		return m
	}
	m.Prior = linear(o.Hidden, 2*o.Latent)
	m.EncStart, m.DecStart = learned(o.Hidden), learned(o.Hidden)
	m.Canvas = autograd.Const(tensor.Full(o.Ink, o.Height, o.Channels*o.Width))
	if o.Text.reads() {
		m.Language = newLanguage(o, init, rng)
	}
	if o.Text == Aligned {
		m.Align = newAligner(o, init, rng)
	}
	return m
}

// state is a model between two steps.
type state struct {
	enc, dec memory
	canvas   *autograd.Var // (N,H,C·W), logits
}

// start returns the state of n pictures before the first step.
func (m *Model) start(n int) state {
	o, like := m.Options, m.Stroke.Weight
	from := func(v *autograd.Var, shape ...int) *autograd.Var {
		if v == nil {
			return zeros(like, shape...)
		}
		return autograd.BroadcastTo(v, shape...)
	}
	return state{
		enc:    memory{from(m.EncStart, n, o.Hidden), zeros(like, n, o.Hidden)},
		dec:    memory{from(m.DecStart, n, o.Hidden), zeros(like, n, o.Hidden)},
		canvas: from(m.Canvas, n, o.Height, o.Channels*o.Width),
	}
}

// gaussian is the mean and ln σ of latent numbers, (N,Z).
type gaussian struct{ mean, logSigma *autograd.Var }

func (m *Model) gaussian(x *autograd.Var) gaussian {
	parts := autograd.Split(x, 1, m.Options.Latent, m.Options.Latent)
	return gaussian{parts[0], parts[1]}
}

// draw returns a sample that noise (N,Z), which is standard normal, makes of g.
func (g gaussian) draw(noise *autograd.Var) *autograd.Var {
	return autograd.Add(g.mean, autograd.Mul(noise, autograd.Exp(g.logSigma)))
}

// prior returns the distribution of the latent numbers of step t given what the decoder has in mind, as ln σ with the mean; ok
// is false where it is the standard normal one. Mansimov et al. 2016, eqs. 8 and 9.
func (m *Model) prior(t int, s state) (g gaussian, ok bool) {
	if m.Prior == nil || t == 0 {
		return gaussian{}, false
	}
	return m.gaussian(autograd.Tanh(m.Prior.Forward(s.dec.h))), true
}

// look has the encoder see pictures x, in the order of the canvas, and what is missing of them, and returns the distribution
// of the latent numbers that it would have the decoder see. Gregor et al. 2015, eqs. 3–5 and 1, 2. With text, the layer gives
// ln σ² and not ln σ, as in the released code.
func (m *Model) look(x *autograd.Var, s *state, read *grid) gaussian {
	n := x.Dim(0)
	both := autograd.Concat(2, x, autograd.Sub(x, autograd.Sigmoid(s.canvas)))
	var seen *autograd.Var
	if read == nil {
		seen = both.Reshape(n, -1)
	} else {
		seen = read.read(both, read.window(m.ReadWindow.Forward(s.dec.h)))
	}
	s.enc = m.Encoder.step(s.enc, seen, s.dec.h)
	g := m.gaussian(m.Posterior.Forward(s.enc.h))
	if m.Options.Text != Free {
		g.logSigma = autograd.Scale(g.logSigma, 0.5)
	}
	return g
}

// paint has the decoder see latent numbers and text, nil without, and paint a stroke. Eqs. 7 and 8. The window is that of the
// stroke, without attention the zero one.
func (m *Model) paint(z, context *autograd.Var, s *state, write *grid) (w Window) {
	inputs := []*autograd.Var{z}
	if context != nil {
		inputs = append(inputs, context)
	}
	s.dec = m.Decoder.step(s.dec, inputs...)
	stroke := m.Stroke.Forward(s.dec.h)
	if write == nil {
		stroke = stroke.Reshape(s.canvas.Shape()...)
	} else {
		w = write.window(m.WriteWindow.Forward(s.dec.h))
		stroke = write.write(stroke, w)
	}
	s.canvas = autograd.Add(s.canvas, stroke)
	return w
}

// grids returns the geometry of both windows, nil without attention.
func (o Options) grids() (read, write *grid) {
	if !o.attends() {
		return nil, nil
	}
	return newGrid(o.Read, o.Height, o.Width), newGrid(o.Write, o.Height, o.Width)
}

// wantImages panics unless x is a batch of pictures of the model's size, and returns how many they are.
func (m *Model) wantImages(op string, s []int) int {
	o := m.Options
	if len(s) != 4 || s[0] < 1 || s[1] != o.Height || s[2] != o.Width || s[3] != o.Channels {
		panic(fmt.Sprintf("%s: want (N,%d,%d,%d), got %s", op, o.Height, o.Width, o.Channels, tensor.Format(s)))
	}
	return s[0]
}
