package srgan

import (
	"fmt"
	"strings"

	"github.com/gander-ml/gander/nn/vgg"
)

// Variant is one of the networks that the paper compares: how the generator is trained. Ledig et al. 2017, §3.4.
type Variant int

// The variants. The last is what is meant by SRGAN when nothing else is said.
const (
	SRResNetMSE   Variant = iota // pixels alone, the start of all others with a discriminator
	SRResNetVGG22                // low-level features alone
	SRGANMSE                     // pixels and a discriminator
	SRGANVGG22                   // low-level features and a discriminator
	SRGANVGG54                   // high-level features and a discriminator
)

var variantNames = [...]string{"SRResNet-MSE", "SRResNet-VGG22", "SRGAN-MSE", "SRGAN-VGG22", "SRGAN-VGG54"}

// Variants returns all variants in the order of the paper's table 1.
func Variants() []Variant {
	return []Variant{SRResNetMSE, SRResNetVGG22, SRGANMSE, SRGANVGG22, SRGANVGG54}
}

// String returns the paper's name, such as SRGAN-VGG54.
func (v Variant) String() string {
	if v < 0 || int(v) >= len(variantNames) {
		return fmt.Sprintf("Variant(%d)", int(v))
	}
	return variantNames[v]
}

// ParseVariant reads a variant's name, in upper or lower case; SRResNet and SRGAN stand for SRResNet-MSE and SRGAN-VGG54.
func ParseVariant(s string) (Variant, error) {
	switch strings.ToLower(s) {
	case "srresnet":
		return SRResNetMSE, nil
	case "srgan":
		return SRGANVGG54, nil
	}
	for i, name := range variantNames {
		if strings.EqualFold(s, name) {
			return Variant(i), nil
		}
	}
	return 0, fmt.Errorf("srgan: no variant %q; there are %s", s, strings.Join(variantNames[:], ", "))
}

// Adversarial reports whether the variant has a discriminator.
func (v Variant) Adversarial() bool { return v >= SRGANMSE }

// Tap returns the feature map of VGG19 that the variant compares, and false for one that compares pixels.
func (v Variant) Tap() (tap vgg.Tap, ok bool) {
	switch v {
	case SRResNetVGG22, SRGANVGG22:
		return vgg.VGG22, true
	case SRGANVGG54:
		return vgg.VGG54, true
	}
	return vgg.Tap{}, false
}
