package data_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/stretchr/testify/require"
)

func TestImageFilesFindsWhatCanBeRead(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for _, name := range []string{"a.JPG", "b.png", "c.tiff", "d.WebP"} {
		want = append(want, filepath.Join(dir, name))
	}
	for _, name := range append(want, filepath.Join(dir, "notes.txt"), filepath.Join(dir, ".hidden.png")) {
		require.NoError(t, os.WriteFile(name, nil, 0o644))
	}
	got, err := data.ImageFiles(dir)
	require.NoError(t, err)
	require.Equal(t, want, got)
}
