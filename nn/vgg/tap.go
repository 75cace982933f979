package vgg

import (
	"fmt"
	"strings"
)

// Tap names a feature map: that of convolution Conv in block Block, both from 1, after its ReLU and before the pooling
// that ends the block. It has 1/2^(Block−1) of the image's height and width. Ledig et al. 2017 write φ_Block,Conv.
type Tap struct{ Block, Conv int }

// The taps of Ledig et al. 2017, §2.2.1.
var (
	VGG22 = Tap{2, 2} // low-level features, at half the size
	VGG54 = Tap{5, 4} // high-level features, at a sixteenth of the size
)

// depths is how many convolutions the five blocks have, and widths how many channels as a multiple of the first's.
var (
	depths = [5]int{2, 2, 4, 4, 4}
	widths = [5]int{1, 2, 4, 8, 8}
)

// String returns the tap as Block.Conv, such as 5.4.
func (t Tap) String() string { return fmt.Sprintf("%d.%d", t.Block, t.Conv) }

// ParseTap reads what [Tap.String] writes.
func ParseTap(s string) (Tap, error) {
	block, conv, ok := strings.Cut(s, ".")
	if t := (Tap{digit(block), digit(conv)}); ok && t.valid() {
		return t, nil
	}
	return Tap{}, fmt.Errorf("vgg: no tap %q; there are 1.1 to 1.2, 2.1 to 2.2, 3.1 to 3.4, 4.1 to 4.4 and 5.1 to 5.4", s)
}

func digit(s string) int {
	if len(s) != 1 {
		return -1
	}
	return int(s[0]) - '0'
}

func (t Tap) valid() bool {
	return t.Block >= 1 && t.Block <= len(depths) && t.Conv >= 1 && t.Conv <= depths[t.Block-1]
}

// before reports whether t lies nearer to the image than u.
func (t Tap) before(u Tap) bool { return t.Block < u.Block || t.Block == u.Block && t.Conv < u.Conv }
