package txt2img

import (
	"fmt"
	"math/bits"
)

// Options shape a [Generator] and its [Discriminator]. The zero value is the networks of the code that was released for
// birds and flowers, with the bottleneck of the discriminator that this code builds.
type Options struct {
	Size      int `json:"size,omitempty"`      // side of the pictures, a power of 2 from 16; 0 means 64
	Latent    int `json:"latent,omitempty"`    // numbers in the noise; 0 means 100
	Embedding int `json:"embedding,omitempty"` // numbers in an embedded caption; 0 means 1024
	Text      int `json:"text,omitempty"`      // numbers to which either network reduces it; 0 means 128
	GWidth    int `json:"g_width,omitempty"`   // feature maps of the generator next to the picture, doubled with each halving of the side; 0 means 128
	DWidth    int `json:"d_width,omitempty"`   // the same of the discriminator; 0 means 64

	// Plain is the networks of the paper's text, without residual bottlenecks in either: those of DCGAN.
	Plain bool `json:"plain,omitempty"`

	// NoResidualD leaves out the discriminator's bottleneck. The released scripts build it but do not attach it, so that, as we
	// read them, the networks of the paper ran without.
	NoResidualD bool `json:"no_residual_d,omitempty"`

	// NoTextBN leaves out batch norm after the discriminator's text layer. The script for GAN-CLS has none; that for the
	// variants with interpolation, by which birds and flowers were trained, has it.
	NoTextBN bool `json:"no_text_bn,omitempty"`

	// DropThirdAct leaves out the leaky ReLU after the discriminator's last convolution but one, which is the third of four.
	// So does the script of the variants with interpolation, by an oversight it seems.
	DropThirdAct bool `json:"drop_third_act,omitempty"`

	// ExtraBlock gives the generator a second bottleneck behind each, with no activation between them, as the code for COCO
	// can.
	ExtraBlock bool `json:"extra_block,omitempty"`

	// ConvBias gives all convolutions a bias. The released code has them and sets them to zero before each evaluation. Before
	// a batch norm a bias changes nothing: its gradient is zero but for rounding, which Adam makes into steps.
	ConvBias bool `json:"conv_bias,omitempty"`
}

// COCO is the networks of the code that was released for MS-COCO.
var COCO = Options{GWidth: 196, DWidth: 196, NoTextBN: true}

func (o Options) withDefaults() Options {
	o.Size, o.Latent, o.Embedding, o.Text = either(o.Size, 64), either(o.Latent, 100), either(o.Embedding, 1024), either(o.Text, 128)
	o.GWidth, o.DWidth = either(o.GWidth, 128), either(o.DWidth, 64)
	return o
}

// The limits on sizes, far beyond what can be trained.
const (
	largestSide  = 512
	largestWidth = 1 << 14
)

// Check returns an error unless networks can be built with the options.
func (o Options) Check() error {
	o = o.withDefaults()
	if o.Size < 16 || o.Size > largestSide || o.Size&(o.Size-1) != 0 {
		return fmt.Errorf("txt2img: pictures of %d×%d pixels; want a power of 2 from 16 to %d", o.Size, o.Size, largestSide)
	}
	for _, f := range []struct {
		what string
		n    int
	}{{"numbers of noise", o.Latent}, {"numbers in an embedded caption", o.Embedding}, {"numbers in a reduced caption", o.Text},
		{"feature maps of the generator", o.GWidth}, {"feature maps of the discriminator", o.DWidth}} {
		if f.n < 1 || f.n > largestWidth {
			return fmt.Errorf("txt2img: %d %s; want 1 to %d", f.n, f.what, largestWidth)
		}
	}
	return nil
}

// stages is how often the side is doubled from 4.
func (o Options) stages() int { return bits.Len(uint(o.Size)) - 3 }

// slope is that of all leaky ReLUs.
const slope = 0.2

// either returns v, or def if v is zero.
func either[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
