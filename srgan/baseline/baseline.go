// Package baseline embeds the weights of small networks that others are compared with, for four times larger photographs.
package baseline

import (
	_ "embed"

	"github.com/gander-ml/gander/srgan"
)

// SRCNN and ESPCN are checkpoints in half precision, trained on the photographs that NOTICE lists. README.md beside this file
// says how.
var (
	//go:embed srcnn.safetensors
	SRCNN []byte
	//go:embed espcn.safetensors
	ESPCN []byte
)

// Scale is how many times larger they make a photograph.
const Scale = 4

// Methods returns the networks, in the order of their publication.
func Methods() ([]srgan.Method, error) {
	var out []srgan.Method
	for _, b := range []struct {
		name    string
		weights []byte
	}{{"SRCNN", SRCNN}, {"ESPCN", ESPCN}} {
		u, err := srgan.Open(b.weights)
		if err != nil {
			return nil, err
		}
		out = append(out, u.Method(b.name))
	}
	return out, nil
}
