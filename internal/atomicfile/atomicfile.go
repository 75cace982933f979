// Package atomicfile writes files that are either whole or not there.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Write makes write's output the content of the file at path. The bytes go into a new file in the same folder, which is
// synced and then renamed, so that at every moment path holds its old content or all of the new one. When anything
// fails, write included, the new file is removed and path is as it was.
//
// A file that is replaced keeps its permissions, a new one gets 0644 less the umask. A symbolic link is followed. What is
// neither missing nor a regular file (a terminal, a pipe, /dev/null) is written to directly.
func Write(path string, write func(io.Writer) error) (err error) {
	target, mode, direct, err := resolve(path)
	if err != nil {
		return err
	}
	if direct {
		return writeDirect(path, write)
	}
	f, err := create(target, mode)
	if err != nil {
		return named(err, path)
	}
	done := false
	defer func() { // also when write panics
		if !done {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			return named(err, path)
		}
	}
	if err := through(f, path, write); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return named(err, path)
	}
	if err := f.Close(); err != nil {
		return named(err, path)
	}
	if err := os.Rename(f.Name(), target); err != nil {
		return named(err, path)
	}
	done = true
	return named(syncDir(filepath.Dir(target)), path)
}

// resolve follows links and tells how to write: the file to replace, its permissions (0 if there is none), or directly.
func resolve(path string) (target string, mode fs.FileMode, direct bool, err error) {
	target = path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	} else if link, err := os.Readlink(path); err == nil { // a link to a file that is not there yet
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(path), link)
		}
		target = link
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target, 0, false, nil
	case err != nil:
		return "", 0, false, named(err, path)
	case info.IsDir():
		return "", 0, false, &fs.PathError{Op: "write", Path: path, Err: errors.New("is a directory")}
	}
	return target, info.Mode().Perm(), !info.Mode().IsRegular(), nil
}

func writeDirect(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(through(f, path, write), f.Close())
}

// through runs write into f. An error of write's own is returned as it is.
func through(f *os.File, path string, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, 64<<10)
	if err := write(w); err != nil {
		return err
	}
	return named(w.Flush(), path)
}

// create opens a new file beside target. Unlike os.CreateTemp it lets the umask decide who may read it. Only the owner
// may while it replaces a file, until that file's permissions are set.
func create(target string, mode fs.FileMode) (*os.File, error) {
	perm := fs.FileMode(0o644)
	if mode != 0 {
		perm = 0o600
	}
	dir, base := filepath.Split(target)
	if len(base) > 200 {
		base = base[:200] // the longest name a file system takes is often 255 bytes
	}
	for try := 0; ; try++ {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%08x.tmp", base, rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if err == nil || !errors.Is(err, fs.ErrExist) || try == 100 {
			return f, err
		}
	}
}

// syncDir makes the rename last. Some systems cannot sync a folder, which is no failure.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil // a folder one may write to but not read
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// named makes a file system error speak of path, not of the temporary name.
func named(err error, path string) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pe) && err == error(pe):
		return &fs.PathError{Op: pe.Op, Path: path, Err: pe.Err}
	case errors.As(err, &le) && err == error(le):
		return &fs.PathError{Op: le.Op, Path: path, Err: le.Err}
	}
	return err
}
