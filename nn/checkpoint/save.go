package checkpoint

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
	"github.com/gander-ml/gander/nn/checkpoint/internal/safetensors"
)

// Save writes the parameters and the state of a network to a safetensors file, exactly, with names and layout as PyTorch
// has them. The file at path is replaced only by a whole new one. The network must not change meanwhile.
func Save(path string, m any, manifest Manifest) error { return save(path, m, manifest, dtype.F32) }

// SaveHalf is [Save] with matrices and kernels as 16-bit floats, rounded to nearest even, which halves the file. Tensors
// of one axis stay exact: they are small, and the variances among them need the range. A weight beyond ±65504 is an error.
func SaveHalf(path string, m any, manifest Manifest) error { return save(path, m, manifest, dtype.F16) }

// Write is [Save] to a writer.
func Write(w io.Writer, m any, manifest Manifest) error {
	if err := write(w, m, manifest, dtype.F32); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

func save(path string, m any, manifest Manifest, format dtype.DType) error {
	return pathError(path, atomicfile.Write(path, func(w io.Writer) error { return write(w, m, manifest, format) }))
}

func write(w io.Writer, m any, manifest Manifest, format dtype.DType) error {
	if manifest.Version == "" {
		manifest.Version = libraryVersion()
	}
	if err := manifest.check(); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	// Readers of other frameworks look for the format.
	meta := map[string]string{manifestKey: string(text), "format": "pt"}
	var tensors []safetensors.Tensor
	for _, e := range nn.Walk(m) {
		d := format
		if e.Tensor().Rank() < 2 {
			d = dtype.F32
		}
		tensors = append(tensors, stored(e.Name, e, d))
	}
	return safetensors.Write(w, tensors, meta)
}

// stored returns an entry of a network as a file holds it.
func stored(name string, e nn.Entry, d dtype.DType) safetensors.Tensor {
	return safetensors.Tensor{
		Name: name, DType: d, Shape: e.Layout.DiskShape(e.Tensor().Shape()),
		Data: func() any { return e.Layout.ToDisk(e.Tensor()).Data() },
	}
}
