package lapgan

import (
	"encoding/json"
	"fmt"
)

// Described is a level of one's own that [Save] can write: a network whose fields have nn tags, and what it takes to build it
// again. [OpenFile] reads it if it is given the [Kind].
type Described interface {
	Level

	// Describe returns the name of the kind, none of this package's own, and the options of this level, as JSON takes them.
	Describe() (kind string, options any)
}

// Kind builds levels of one's own from what their files say about them.
type Kind struct {
	Name string

	// New returns a level of the kind with any weights. Options come from a file and may be anything: it returns an error
	// for those that cannot be, or that ask for more memory than they should.
	New func(options json.RawMessage) (Level, error)
}

// described returns the level that a file describes, if one of the kinds is its.
func (h header) described(kinds []Kind) (Level, error) {
	for _, k := range kinds {
		if k.Name != h.Kind {
			continue
		}
		l, err := k.New(h.Net)
		if err == nil && l == nil {
			err = fmt.Errorf("kind %q made no level", k.Name)
		}
		return l, err
	}
	return nil, fmt.Errorf("no kind of level %q", h.Kind)
}
