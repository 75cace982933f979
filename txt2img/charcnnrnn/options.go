package charcnnrnn

import (
	"errors"
	"fmt"
)

// Variant is one of the two published networks, which differ from the third convolution on.
type Variant string

const (
	// ICML is the network of the text-to-image GANs: no pooling after the third convolution, and a [GRU].
	ICML Variant = "icml"
	// CVPR is the network of the paper on descriptions: pooling to 8 steps, and a [ReLURNN].
	CVPR Variant = "cvpr"
)

// Options are the sizes of an [Encoder]. The zero value is the ICML network as published, with 4,045,184 parameters; the CVPR
// network has 1,814,144.
type Options struct {
	Variant Variant `json:"variant,omitempty"` // "" means ICML
	Length  int     `json:"length,omitempty"`  // characters that are read; 0 means 201
	Conv    [3]int  `json:"conv"`              // channels of the convolutions; 0 means 384, 512, and 512 for ICML, 256 for CVPR
	RNN     int     `json:"rnn,omitempty"`     // width of the recurrent network; 0 means that of the last convolution
	Out     int     `json:"out,omitempty"`     // of the vectors; 0 means 1024
	Dropout float32 `json:"dropout,omitempty"` // before the last layer, as published 0
}

func (o Options) withDefaults() Options {
	if o.Variant == "" {
		o.Variant = ICML
	}
	last := 512
	if o.Variant == CVPR {
		last = 256
	}
	for i, width := range [3]int{384, 512, last} {
		o.Conv[i] = either(o.Conv[i], width)
	}
	o.Length, o.RNN, o.Out = either(o.Length, Length), either(o.RNN, o.Conv[2]), either(o.Out, 1024)
	return o
}

// largest is the limit on each size.
const largest = 1 << 14

// Check returns an error unless an encoder can be built with the options.
func (o Options) Check() error {
	o = o.withDefaults()
	if o.Variant != ICML && o.Variant != CVPR {
		return fmt.Errorf("charcnnrnn: no variant %q; want %q or %q", o.Variant, ICML, CVPR)
	}
	for _, n := range []int{o.Length, o.Conv[0], o.Conv[1], o.Conv[2], o.RNN, o.Out} {
		if n < 1 || n > largest {
			return fmt.Errorf("charcnnrnn: a size of %d in %+v; want 1 to %d", n, o, largest)
		}
	}
	if o.Dropout < 0 || o.Dropout >= 1 {
		return fmt.Errorf("charcnnrnn: a dropout of %g; want 0 or more and less than 1", o.Dropout)
	}
	if l := o.Lengths(); l[len(l)-1] < 1 {
		return errors.New("charcnnrnn: " + fmt.Sprintf("%d characters are too few to be left with a step for the recurrent network, of %v", o.Length, l))
	}
	return nil
}

// Lengths returns how many steps a caption has: to begin with, after the first convolution and its pooling, after the second
// and its pooling, after the third, and, for CVPR, after its pooling; 201, 198, 66, 63, 21, 18 and 8 as published.
func (o Options) Lengths() []int {
	o = o.withDefaults()
	l := []int{o.Length}
	add := func(n int) { l = append(l, n) }
	last := func() int { return l[len(l)-1] }
	for range 2 {
		add(last() - 3)
		add(last() / 3)
	}
	add(last() - 3)
	if o.Variant == CVPR {
		add(floorDiv(last()-3, 2) + 1)
	}
	return l
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// either returns n, or def if n is zero.
func either(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}
