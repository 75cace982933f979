package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func names(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestWriteNewAndReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	require.NoError(t, Write(path, text("one")))
	require.NoError(t, Write(path, text(strings.Repeat("two", 100_000))))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("two", 100_000), string(got))
	require.Equal(t, []string{"a.txt"}, names(t, dir))
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	broken := errors.New("broken")
	for name, write := range map[string]func(io.Writer) error{
		"at once": func(io.Writer) error { return broken },
		"after output": func(w io.Writer) error {
			_, err := w.Write(make([]byte, 1<<20))
			return errors.Join(err, broken)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.txt")
			require.ErrorIs(t, Write(path, write), broken)
			require.Empty(t, names(t, dir))
			require.NoError(t, Write(path, text("old")))
			require.ErrorIs(t, Write(path, write), broken)
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, "old", string(got))
			require.Equal(t, []string{"a.txt"}, names(t, dir))
		})
	}
}

func TestPanicLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	require.Panics(t, func() {
		_ = Write(filepath.Join(dir, "a"), func(io.Writer) error { panic("no") })
	})
	require.Empty(t, names(t, dir))
}

func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no Unix permissions")
	}
	path := filepath.Join(t.TempDir(), "a")
	require.NoError(t, Write(path, text("x")))
	plain := filepath.Join(t.TempDir(), "b")
	f, err := os.OpenFile(plain, os.O_CREATE|os.O_WRONLY, 0o644) // what the umask leaves of 0644
	require.NoError(t, err)
	require.NoError(t, f.Close())
	want, err := os.Stat(plain)
	require.NoError(t, err)
	got, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, want.Mode(), got.Mode())

	require.NoError(t, os.Chmod(path, 0o640))
	require.NoError(t, Write(path, text("y")))
	got, err = os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), got.Mode().Perm())
}

func TestLinksAreFollowed(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink("target", link); err != nil {
		t.Skip(err)
	}
	for _, content := range []string{"made through the link", "replaced through the link"} {
		require.NoError(t, Write(link, text(content)))
		got, err := os.ReadFile(filepath.Join(dir, "target"))
		require.NoError(t, err)
		require.Equal(t, content, string(got))
		info, err := os.Lstat(link)
		require.NoError(t, err)
		require.NotZero(t, info.Mode()&os.ModeSymlink)
	}
}

func TestBadTargetsAreNamed(t *testing.T) {
	dir := t.TempDir()
	err := Write(dir, text("x"))
	require.ErrorContains(t, err, dir+": is a directory")
	missing := filepath.Join(dir, "no", "such", "a.txt")
	err = Write(missing, text("x"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Equal(t, "open "+missing+": no such file or directory", strings.ReplaceAll(err.Error(),
		"The system cannot find the path specified.", "no such file or directory"))
}

func TestDevicesAreWrittenDirectly(t *testing.T) {
	before, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	require.NoError(t, Write(os.DevNull, text("gone")))
	after, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	require.Equal(t, before.Mode(), after.Mode())
}
