package checkpoint

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gander-ml/gander/nn/checkpoint/internal/safetensors"
)

// ErrDamaged is in the chain of the error for a file whose checksum does not hold.
var ErrDamaged = safetensors.ErrDamaged

// Mismatch is the error for a file that does not hold what a network wants.
type Mismatch struct {
	File      string
	Missing   []Lookup   // what the network wants and the file has not
	Extra     []string   // what the file has and the network does not want
	Misshapen []BadShape // what both have, in different shapes
}

// Lookup is a tensor that was looked for.
type Lookup struct {
	Name string // in the file
	For  string // the network's name, where LoadOptions.Rename gave another; otherwise empty
}

// BadShape is a tensor of another shape than the network wants.
type BadShape struct {
	Lookup
	Have, Want []int // as stored: what the file has, and what it would have for the network
}

// named is how many names a message gives before it only counts.
const named = 5

// Error names the first few tensors of each kind.
func (m *Mismatch) Error() string {
	var parts []string
	if len(m.Misshapen) > 0 {
		b := m.Misshapen[0]
		s := fmt.Sprintf("tensor %q is %s, the model wants %s", b.Name, formatShape(b.Have), formatShape(b.Want))
		if b.For != "" {
			s += fmt.Sprintf(" for %q", b.For)
		}
		if n := len(m.Misshapen) - 1; n > 0 {
			s += fmt.Sprintf(" (and %d more of another shape)", n)
		}
		parts = append(parts, s)
	}
	if len(m.Missing) > 0 {
		var names []string
		for _, l := range m.Missing {
			name := strconv.Quote(l.Name)
			if l.For != "" {
				name += fmt.Sprintf(" (for %q)", l.For)
			}
			names = append(names, name)
		}
		parts = append(parts, "missing "+few(names))
	}
	if len(m.Extra) > 0 {
		parts = append(parts, "not in the model: "+few(quote(m.Extra)))
	}
	return fmt.Sprintf("checkpoint: %s: %s", m.File, strings.Join(parts, "; "))
}

func quote(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strconv.Quote(n)
	}
	return out
}

func few(names []string) string {
	n := min(len(names), named)
	s := strings.Join(names[:n], ", ")
	if more := len(names) - n; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
