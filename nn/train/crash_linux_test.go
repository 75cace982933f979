package train_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// diskVariable tells the test binary that it may mount a file system at the folder it names.
const diskVariable = "GANDER_TRAIN_TEST_DISK"

// A file system of its own, in memory and in a process that alone sees it, fills up.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("plays many runs")
	}
	if disk := os.Getenv(diskVariable); disk != "" {
		fillUp(t, disk)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), diskVariable+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || strings.Contains(string(out), "cannot mount") {
		t.Skip("no file system of its own can be had here: ", err, string(out))
	}
	require.NoError(t, err, string(out))
	t.Log(string(out))
}

func fillUp(t *testing.T, disk string) {
	const size, page = 1 << 20, 4096
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("cannot mount a file system: ", err)
	}
	ballast := filepath.Join(disk, "ballast")
	newDir := func() string {
		require.NoError(t, os.RemoveAll(filepath.Join(disk, "run")))
		return filepath.Join(disk, "run")
	}
	full := func(left int) {
		f, err := os.Create(ballast)
		require.NoError(t, err)
		defer f.Close()
		for written := 0; written < size; written += page { // until there is no more
			if _, err := f.Write(make([]byte, page)); err != nil {
				break
			}
		}
		info, err := f.Stat()
		require.NoError(t, err)
		require.NoError(t, f.Truncate(max(info.Size()-int64(left), 0)))
	}
	amounts := []int{0, 4000, 8000, 12_000, 16_000, 24_000, 32_000, 60_000}
	withoutSpace(t, amounts, newDir, full, func() { require.NoError(t, os.RemoveAll(ballast)) }, syscall.ENOSPC)
}
