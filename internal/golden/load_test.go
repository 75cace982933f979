package golden

import (
	"go/parser"
	"go/token"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryCaseLoads(t *testing.T) {
	require.NotEmpty(t, Names())
	for _, name := range Names() {
		arrays := Load(name)
		require.NotEmpty(t, arrays, name)
		require.NotEmpty(t, Meta(name)["torch"], name)
		for key, a := range arrays {
			size := 1
			for _, d := range a.Shape {
				require.Positive(t, d, "%s %s", name, key)
				size *= d
			}
			require.Len(t, a.Data, size, "%s %s", name, key)
			for _, v := range a.Data {
				require.False(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0), "%s %s", name, key)
			}
			// A gradient has the shape of what it is the gradient of.
			if i := strings.Index(key, "grad."); i >= 0 {
				if of, ok := arrays[key[i+len("grad."):]]; ok {
					require.Equal(t, of.Shape, a.Shape, "%s %s", name, key)
				} else {
					require.Fail(t, "gradient of nothing", "%s %s", name, key)
				}
			}
		}
	}
}

func TestLoadGivesPrivateCopies(t *testing.T) {
	want := Load("linear")["x"].Data[0]
	Load("linear")["x"].Data[0] = want + 1
	require.Equal(t, want, Load("linear")["x"].Data[0])
}

func TestUnknownCasePanics(t *testing.T) {
	require.PanicsWithValue(t, `golden.Load: no case "nothing"`, func() { Load("nothing") })
	require.PanicsWithValue(t, `golden.Meta: no case "nothing"`, func() { Meta("nothing") })
}

func TestVectorsStaySmall(t *testing.T) {
	total := 0
	for _, name := range Names() {
		file, err := vectors.ReadFile("vectors/" + name + suffix)
		require.NoError(t, err)
		total += len(file)
	}
	require.Less(t, total, 400_000)
}

// The package comment's indented lines are the manifest.
func TestManifestIsComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	require.NoError(t, err)
	var listed []string
	for line := range strings.SplitSeq(file.Doc.Text(), "\n") {
		if strings.HasPrefix(line, "\t") {
			listed = append(listed, strings.Fields(line)...)
		}
	}
	slices.Sort(listed)
	require.Equal(t, Names(), listed)
}

func TestParseRejectsBadFiles(t *testing.T) {
	one := "\x00\x00\x80\x3f"
	_, arrays, err := parse([]byte(`{"arrays":[["a",[]],["b",[2,1]]]}` + "\n" + one + one + one))
	require.NoError(t, err)
	require.Equal(t, map[string]Array{
		"a": {Shape: []int{}, Data: []float32{1}},
		"b": {Shape: []int{2, 1}, Data: []float32{1, 1}},
	}, arrays)

	for _, c := range []struct{ what, file, want string }{
		{"no line", `{"arrays":[]}`, "no header line"},
		{"no JSON", "arrays\n", "header"},
		{"entry too long", `{"arrays":[["a",[],1]]}` + "\n" + one, "want [name, shape]"},
		{"short", `{"arrays":[["a",[2]]]}` + "\n" + one, "4 bytes left"},
		{"no scalar", `{"arrays":[["a",[]]]}` + "\n", "0 bytes left"},
		{"overflow", `{"arrays":[["a",[1073741824,1073741824,16]]]}` + "\n" + one, "4 bytes left"},
		{"negative", `{"arrays":[["a",[-1,-1]]]}` + "\n" + one, "4 bytes left"},
		{"long", `{"arrays":[["a",[1]]]}` + "\n" + one + "x", "1 bytes after"},
		{"twice", `{"arrays":[["a",[1]],["a",[1]]]}` + "\n" + one + one, "appears twice"},
	} {
		_, _, err := parse([]byte(c.file))
		require.ErrorContains(t, err, c.want, c.what)
	}
}
