package main

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// textCases are forward and backward passes of the encoder of captions.
func textCases() []bench {
	return []bench{{name: "train/charcnnrnn/b40", flops: 22909747200, alone: true, setup: encodeStep}}
}

// encodeStep is the gradient of the mean square of the vectors of 40 captions. There is no update in it.
func encodeStep(bf16 bool) (func(), error) {
	const n = 40
	rng := newRand()
	e := charcnnrnn.New(charcnnrnn.Options{}, rng)
	captions := make([]string, n)
	for i := range captions {
		text := make([]byte, charcnnrnn.Length)
		for k := range text {
			text[k] = charcnnrnn.Alphabet[rng.IntN(charcnnrnn.Symbols)]
		}
		captions[i] = string(text)
	}
	onehot := charcnnrnn.OneHot(captions, charcnnrnn.Length)
	tape, pass := autograd.NewTape(), &nn.Pass{Train: true, Rand: rng}
	var vectors *tensor.Tensor
	var grads []*tensor.Tensor
	run := func() {
		tape.Reset()
		bound := nn.Bind(tape, e)
		y := bound.Forward(tape.Const(onehot), pass)
		vectors = y.Value()
		grads = autograd.Grad(autograd.Mean(autograd.Square(y)), nn.Params(bound)...)
	}
	run()
	// Inference goes another way: it adds up rows of the first weight. A few captions tell, without memory of its own size.
	want := e.Encode(captions[:4])
	for i, v := range want.Data() {
		if !(math.Abs(float64(vectors.Data()[i]-v)) < 1e-4) {
			return nil, fmt.Errorf("number %d of the vectors is %g, in inference %g", i, vectors.Data()[i], v)
		}
	}
	for i, p := range nn.Params(e) {
		if tensor.Norm(grads[i]) == 0 {
			return nil, fmt.Errorf("parameter %d, %s, has no gradient", i, tensor.Format(p.Shape()))
		}
	}
	use(bf16, e)
	return run, nil
}
