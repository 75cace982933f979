package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The committed assembly is what the generators write. The first line, which names the command, is left out.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	for _, c := range []struct{ set, pkg, dir, name string }{
		{"avx512", "gemm", "..", "avx512_amd64"},
		{"bf16", "gemm", "..", "bf16_avx512_amd64"},
		{"avx2", "gemm", "..", "avx2_amd64"},
		{"conv512", "conv", "../../conv", "avx512_amd64"},
		{"conv2", "conv", "../../conv", "avx2_amd64"},
		{"phases512", "conv", "../../conv", "polyphase_avx512_amd64"},
		{"phases2", "conv", "../../conv", "polyphase_avx2_amd64"},
		{"neon", "", "..", "neon_arm64"},
		{"convneon", "", "../../conv", "neon_arm64"},
		{"phasesneon", "", "../../conv", "polyphase_neon_arm64"},
	} {
		to := filepath.Join(t.TempDir(), c.name)
		asm, stubs := to+".s", to+".go"
		args := []string{"run", ".", "-set", c.set, "-out", asm, "-stubs", stubs, "-pkg", c.pkg}
		if _, arm := armSets[c.set]; arm {
			args = []string{"run", ".", "-set", c.set, "-to", to}
		}
		out, err := exec.Command("go", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.set, err, out)
		}
		for _, f := range []string{asm, stubs} {
			want, got := body(t, filepath.Join(c.dir, filepath.Base(f))), body(t, f)
			if !bytes.Equal(want, got) {
				t.Errorf("%s: %s is out of date, run go generate", c.set, filepath.Join(c.dir, filepath.Base(f)))
			}
		}
	}
}

// body is a file without its first line.
func body(t *testing.T, path string) []byte {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "\n")
	if !ok {
		t.Fatalf("%s is empty", path)
	}
	return []byte(rest)
}
