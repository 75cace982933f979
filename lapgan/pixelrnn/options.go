package pixelrnn

import "fmt"

// Kind is which model it is.
type Kind string

// The three models of the paper, from the fastest to the one that sees most.
const (
	PixelCNN       Kind = "pixelcnn" // masked convolutions; with a blind spot to the right above a pixel
	RowLSTM        Kind = "row"      // a memory that runs down the rows; sees a triangle above a pixel
	DiagonalBiLSTM Kind = "diagonal" // two memories that run along the diagonals; sees all there is
)

// Options are the choices of [New]. Height and Width must be given.
type Options struct {
	Kind     Kind `json:"kind"`     // "" means PixelCNN
	Height   int  `json:"height"`   // of the images
	Width    int  `json:"width"`    // of the images
	Channels int  `json:"channels"` // colours; 0 means 3
	Values   int  `json:"values"`   // that a colour may have, from 0; 0 means 256. With 2 the model ends in sigmoids, else in softmax
	Hidden   int  `json:"hidden"`   // units h of a layer, between which 2h maps run; 0 means 16
	Layers   int  `json:"layers"`   // 0 means 7
	Head     int  `json:"head"`     // maps of the last hidden layer; 0 means 2h
	Skips    bool `json:"skips"`    // every layer is connected to the output, and not the last alone

	Low     int `json:"low"`     // channels of the image that the model is conditioned on; 0 means none
	Classes int `json:"classes"` // classes that it is conditioned on; 0 means none
}

func (o Options) withDefaults() Options {
	set := func(v *int, usual int) {
		if *v == 0 {
			*v = usual
		}
	}
	if o.Kind == "" {
		o.Kind = PixelCNN
	}
	set(&o.Channels, 3)
	set(&o.Values, 256)
	set(&o.Hidden, 16)
	set(&o.Layers, 7)
	set(&o.Head, 2*o.Hidden)
	return o
}

// Check says what is wrong with options that came from outside, nil if nothing is. Zero fields stand for their defaults.
func (o Options) Check() error {
	o = o.withDefaults()
	switch {
	case o.Kind != PixelCNN && o.Kind != RowLSTM && o.Kind != DiagonalBiLSTM:
		return fmt.Errorf("pixelrnn: no kind %q; there are %s, %s and %s", o.Kind, PixelCNN, RowLSTM, DiagonalBiLSTM)
	case o.Height < 1 || o.Width < 1 || o.Height > 1<<12 || o.Width > 1<<12:
		return fmt.Errorf("pixelrnn: images of %d×%d pixels", o.Height, o.Width)
	case o.Channels < 1 || o.Channels > 64 || o.Values < 2 || o.Values > 1<<16:
		return fmt.Errorf("pixelrnn: %d colours of %d values", o.Channels, o.Values)
	case o.Hidden < 1 || o.Hidden > 1<<12 || o.Layers < 1 || o.Layers > 1<<10 || o.Head < 1 || o.Head > 1<<14:
		return fmt.Errorf("pixelrnn: %d layers of %d units and %d at the end", o.Layers, o.Hidden, o.Head)
	case o.Hidden < o.Channels:
		return fmt.Errorf("pixelrnn: %d units for %d colours; each needs one", o.Hidden, o.Channels)
	case o.Low < 0 || o.Low > 1<<10 || o.Classes < 0 || o.Classes > 1<<16:
		return fmt.Errorf("pixelrnn: conditions of %d channels and %d classes", o.Low, o.Classes)
	}
	return nil
}

// binary reports whether the model ends in sigmoids.
func (o Options) binary() bool { return o.Values == 2 }

// outputs is how many numbers the model says about a colour of a pixel.
func (o Options) outputs() int {
	if o.binary() {
		return 1
	}
	return o.Values
}
