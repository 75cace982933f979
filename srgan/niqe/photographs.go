package niqe

import (
	"bytes"
	_ "embed"
	"sync"
)

// photographs is the model that "srgan niqe" of examples/srgan has fitted on the photographs of srgan/srresnet/photos.py, uncut.
//
//go:embed photographs.json
var photographs []byte

// Photographs returns a model that was fitted on 161 photographs, those that NOTICE lists, for pictures of whatever kind. It must
// not be changed.
var Photographs = sync.OnceValue(func() *Model {
	m, err := Read(bytes.NewReader(photographs))
	if err != nil {
		panic(err.Error()) // a test reads it
	}
	return m
})
