package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"unicode/utf8"

	"github.com/gander-ml/gander/nn/checkpoint/internal/safetensors"
)

// manifestKey is the metadata key of the manifest.
const manifestKey = "gander.manifest"

// Manifest says what a checkpoint is of and how it came about.
type Manifest struct {
	// Architecture names the kind of network; the program that reads the file knows how to build it.
	Architecture string `json:"architecture"`
	// Options are what the network is built with, as JSON. [NewManifest] writes them and [Manifest.Decode] reads them.
	Options json.RawMessage `json:"options,omitempty"`
	// Version is that of the library. [Save] fills it in.
	Version string `json:"version,omitempty"`
	Seed    uint64 `json:"seed,omitempty"`
	Step    int    `json:"step,omitempty"` // updates that the weights have seen
	// Facts are anything else worth telling: the data, the loss, the PSNR that was reached.
	Facts map[string]string `json:"facts,omitempty"`
}

// NewManifest returns a manifest of a network that is built with options, which must be something that JSON can hold.
// It panics if they are not. Nil means that there are none.
func NewManifest(architecture string, options any) Manifest {
	m := Manifest{Architecture: architecture}
	if options != nil {
		b, err := json.Marshal(options)
		if err != nil {
			panic(fmt.Sprintf("checkpoint.NewManifest: options of %q: %v", architecture, err))
		}
		m.Options = b
	}
	return m
}

// Decode stores the options in the struct that options points to. An option that it does not have is an error: what
// it changed about the network is unknown. Without options in the manifest the struct stays as it is.
func (m Manifest) Decode(options any) error {
	if len(m.Options) == 0 {
		return nil
	}
	if err := strictJSON(m.Options, options); err != nil {
		return fmt.Errorf("checkpoint: options of %q: %w", m.Architecture, err)
	}
	return nil
}

// check refuses text that JSON would store as another.
func (m Manifest) check() error {
	texts := []string{m.Architecture, m.Version, string(m.Options)}
	for k, v := range m.Facts {
		texts = append(texts, k, v)
	}
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return fmt.Errorf("the text %q is not valid UTF-8", s)
		}
	}
	return nil
}

// ErrNoManifest is returned for a file that does not say what it is a checkpoint of, such as one of another program.
var ErrNoManifest = errors.New("has no manifest: it does not say what network it is for")

// ReadManifest returns the manifest of the checkpoint at path. All of the file is read to verify its checksum.
func ReadManifest(path string) (Manifest, error) {
	f, err := Open(path)
	if err != nil {
		return Manifest{}, err
	}
	defer f.Close()
	return f.Manifest()
}

// Manifest returns the manifest of a checkpoint, as [ReadManifest] does.
func (f *File) Manifest() (Manifest, error) {
	text, ok := f.meta[manifestKey]
	if !ok {
		return Manifest{}, pathError(f.name, ErrNoManifest)
	}
	if s, ok := f.source.(*safetensors.File); ok {
		if err := s.Verify(); err != nil {
			return Manifest{}, pathError(f.name, err)
		}
	}
	var m Manifest
	if err := strictJSON([]byte(text), &m); err != nil {
		return Manifest{}, pathError(f.name, fmt.Errorf("manifest: %w", err))
	}
	return m, nil
}

func strictJSON(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more text after its end")
	}
	return nil
}

const modulePath = "github.com/gander-ml/gander"

// libraryVersion returns the version of this module that the program was built with.
func libraryVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	if info.Main.Path == modulePath {
		return info.Main.Version
	}
	for _, d := range info.Deps {
		if d.Path == modulePath {
			return d.Version
		}
	}
	return ""
}
