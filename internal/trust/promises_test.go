package trust

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every test that CONTRIBUTING.md names exists, and every fuzz target is named there.
func TestPromisesNameTests(t *testing.T) {
	const root = "../.."
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(text), "\n## Security and trust\n")
	require.True(t, ok)
	section, _, _ = strings.Cut(section, "\n## ")
	declared := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "runs" || strings.HasPrefix(d.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		for _, m := range function.FindAllSubmatch(source, -1) {
			declared[string(m[1])] = true
		}
		return err
	}))
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(section, -1)
	require.Greater(t, len(named), 40)
	promised := map[string]bool{}
	for _, m := range named {
		promised[m[1]] = true
		require.True(t, declared[m[1]], "%s is promised, but there is no such test", m[1])
	}
	for name := range declared {
		require.True(t, promised[name] || !strings.HasPrefix(name, "Fuzz"), "CONTRIBUTING.md does not say what %s is for", name)
	}
}
