package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The example works as it says it does: main.go with other networks in it, which nothing else of it was written for, trains, goes on,
// samples and evaluates, and what it paints comes closer to the data.
func TestOtherNetworksInPlace(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and trains it for some seconds")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("needs the go command")
	}
	here, err := filepath.Abs(".")
	require.NoError(t, err)
	dir := t.TempDir()
	overlay, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(here, "main.go"): filepath.Join(here, "testdata", "attention.go")},
	})
	require.NoError(t, err)
	overlayFile, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "custom")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	require.NoError(t, os.WriteFile(overlayFile, overlay, 0o666))
	run := func(name string, args ...string) string {
		cmd := exec.Command(name, args...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", strings.Join(args, " "), out)
		return string(out)
	}
	run(goTool, "build", "-overlay", overlayFile, "-o", program, ".")
	require.Contains(t, run(program, "-h"), "custom with attention.")

	model, sheet := filepath.Join(dir, "run", "model.safetensors"), filepath.Join(dir, "sheet.png")
	distance := func() float64 {
		said := run(program, "eval", "-model", model, "-n", "600")
		m := regexp.MustCompile(`painted\s+FID ([0-9.]+)`).FindStringSubmatch(said)
		require.NotNil(t, m, said)
		v, err := strconv.ParseFloat(m[1], 64)
		require.NoError(t, err)
		return v
	}
	run(program, "train", "-out", filepath.Join(dir, "run"), "-steps", "1", "-batch", "16")
	before := distance()
	said := run(program, "train", "-out", filepath.Join(dir, "run"), "-steps", "400", "-batch", "16", "-resume")
	require.Contains(t, said, "going on from step 1")
	after := distance()
	t.Logf("distance %.1f, then %.1f", before, after)
	require.Less(t, after, before/2)
	run(program, "sample", "-model", model, "-walk", sheet)
	require.FileExists(t, sheet)
}
