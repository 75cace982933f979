package metric

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Network is a feature network: it turns pictures x (N, H, W, C) with values in [0, 1] into features (N, D). Its name
// stands in every figure, so it must tell networks apart that differ in anything, their weights included; [Fingerprint]
// helps. A [*Classifier] is one.
type Network interface {
	Name() string
	Features(x *autograd.Var, pass *nn.Pass) *autograd.Var
}

// Recogniser is a network that also names classes: Forward returns their logits (N, K).
type Recogniser interface {
	Network
	Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var
}

// Pixels is the network whose features are the pixels themselves.
type Pixels struct{}

// Name implements [Network].
func (Pixels) Name() string { return "pixels" }

// Features returns x (N, H, W, C) as (N, H·W·C).
func (Pixels) Features(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	return x.Reshape(x.Dim(0), x.Len()/max(x.Dim(0), 1))
}

// Fingerprint returns eight characters that tell a network's weights and state from others': the beginning of the SHA-256
// of their names, shapes and bits.
func Fingerprint(m any) string {
	sum := sha256.New()
	var word [4]byte
	for _, e := range nn.Walk(m) {
		t := e.Tensor()
		fmt.Fprintf(sum, "%s %v\n", e.Name, t.Shape())
		for _, v := range t.Data() {
			binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
			sum.Write(word[:])
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:4])
}
