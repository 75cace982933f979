package metric

import (
	"fmt"
	"strings"
)

// Figure is a measured number with the way it was measured.
type Figure struct {
	Name     string  // "FID"
	Value    float64 // the number
	Spread   float64 // its standard deviation or error, as the protocol says; 0 if there is none
	Protocol string  // everything that another figure must share to be comparable
	Warning  string  // why not to trust it; empty if nothing speaks against it
}

// String returns the figure with its protocol, in one line.
func (f Figure) String() string {
	s := fmt.Sprintf("%s %.6g", f.Name, f.Value)
	if f.Spread != 0 {
		s += fmt.Sprintf(" ± %.3g", f.Spread)
	}
	s += " (" + f.Protocol + ")"
	if f.Warning != "" {
		s += "; beware: " + f.Warning
	}
	return s
}

// protocol joins the parts of a protocol that are not empty.
func protocol(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}
