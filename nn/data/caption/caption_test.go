package caption

import (
	"bytes"
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var _ data.Dataset[Example] = (*Pictures)(nil)

func TestRead(t *testing.T) {
	got, err := Read(strings.NewReader("\ufeff"+`{"file": "a/1.png", "class": "bird", "split": "train", "extra": [1], "captions": [" a bird ", "птица"]}

{"caption": "A frog.", "file": "2.png"}`), Options{})
	require.NoError(t, err)
	require.Equal(t, []Record{
		{File: "a/1.png", Class: "bird", Split: "train", Captions: []string{"a bird", "птица"}, Line: 1},
		{File: "2.png", Captions: []string{"A frog."}, Line: 3},
	}, got)
	got, err = Read(strings.NewReader(`{"file": "1.jpg", "crop": "1.png", "caption": "x"}`), Options{FileField: "crop"})
	require.NoError(t, err)
	require.Equal(t, "1.png", got[0].File)
}

func TestReadRefuses(t *testing.T) {
	for want, line := range map[string]string{
		"line 1: byte 31 is not UTF-8 (0xe9): save the file as UTF-8":    `{"file":"a.png","caption":"caf` + "\xe9" + `"}`,
		`line 1: caption 1: an escape \ud800 to \udfff stands alone`:     `{"file":"a.png","caption":"x\ud801y"}`,
		"line 1: not a JSON object: unexpected end":                      `{"file":"a.png"`,
		"line 1: not a JSON object: json: cannot unmarshal":              `["a"]`,
		"line 1: not a JSON object: null":                                `null`,
		`line 1: no "file"`:                                              `{"caption":"x"}`,
		`line 1: "file": want a string, got 7`:                           `{"file":7,"caption":"x"}`,
		`line 1: "../a.png" is not a path within the folder`:             `{"file":"../a.png","caption":"x"}`,
		`line 1: "/etc/a.png" is not a path within the folder`:           `{"file":"/etc/a.png","caption":"x"}`,
		`line 1: no "captions" and no "caption"`:                         `{"file":"a.png"}`,
		`line 1: both "caption" and "captions"`:                          `{"file":"a.png","caption":"x","captions":["y"]}`,
		`line 1: "captions" is not a list`:                               `{"file":"a.png","captions":"x"}`,
		`line 1: "captions" is empty`:                                    `{"file":"a.png","captions":[]}`,
		"line 1: caption 2: want a string, got 5":                        `{"file":"a.png","captions":["x",5]}`,
		"line 1: caption 1 is empty":                                     `{"file":"a.png","caption":" "}`,
		"line 1: caption 1 has 41 bytes, the limit is 40 (Options.MaxC":  `{"file":"a.png","caption":"` + strings.Repeat("x", 41) + `"}`,
		"line 1: 303 bytes, the limit is 300 (Options.MaxLine)":          `{"file":"` + strings.Repeat("x", 291) + "\"}\n",
		"holds no records":                                               "\n\n",
		`line 2: "a.png" is on line 1 already`:                           `{"file":"a.png","caption":"x"}` + "\n" + `{"file":"a.png","caption":"y"}`,
		"more than the limit of 1000 bytes (Options.MaxBytes)":           strings.Repeat("\n", 1001),
		"line 2: not a JSON object: invalid character 'x' looking for b": `{"file":"a.png","caption":"x"}` + "\nx\n" + `{"file":"b.png","caption":"x"}`,
	} {
		_, err := Read(strings.NewReader(line), Options{MaxLine: 300, MaxCaption: 40, MaxBytes: 1000})
		require.ErrorContains(t, err, want)
	}
	_, err := Read(strings.NewReader(strings.Repeat("x\n", 25)), Options{})
	var lines *LinesError
	require.True(t, errors.As(err, &lines))
	require.Len(t, lines.Errors, shownErrors)
	require.Equal(t, 15, lines.More)
	require.ErrorContains(t, err, "and 15 more")

	// U+FFFD itself is a character like others.
	for _, text := range []string{"\ufffd", `\ufffd`, `\uFFFD`} {
		got, err := Read(strings.NewReader(`{"file":"a.png","caption":"`+text+`"}`), Options{})
		require.NoError(t, err)
		require.Equal(t, "\ufffd", got[0].Captions[0])
	}
}

func TestLongLinesAreNotKept(t *testing.T) {
	long := strings.Repeat("y", 200_000) // more than the buffer of the reader
	good := `{"file":"a.png","caption":"x"}`
	for _, text := range []string{long + "\n" + good, good + "\n" + long, good + "\n" + long + "\n"} {
		_, err := Read(strings.NewReader(text), Options{MaxLine: 1000})
		require.ErrorContains(t, err, "the limit is 1000 (Options.MaxLine)")
	}
	ok, err := Read(strings.NewReader(`{"file":"a.png","caption":"x","extra":"`+long+`"}`), Options{})
	require.NoError(t, err)
	require.Len(t, ok, 1)
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zé<&"\\ 鳥]{0,8}[a-z]`)
		n := rapid.IntRange(1, 5).Draw(t, "n")
		var want []Record
		for i := range n {
			r := Record{File: strings.Repeat("d/", i) + "p.png", Class: word.Draw(t, "class"), Split: "train", Line: i + 1}
			for range rapid.IntRange(1, 3).Draw(t, "captions") {
				r.Captions = append(r.Captions, strings.TrimSpace(word.Draw(t, "caption")))
			}
			want = append(want, r)
		}
		var b bytes.Buffer
		require.NoError(t, Write(&b, want))
		got, err := Read(&b, Options{})
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// folder writes a set of three pictures of 8×6 pixels, the second in another split.
func folder(t *testing.T, records ...Record) string {
	dir := t.TempDir()
	var b bytes.Buffer
	require.NoError(t, Write(&b, records))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "captions.jsonl"), b.Bytes(), 0o600))
	for i, r := range records {
		m := &imaging.Image{Pixels: tensor.Full(float32(i)/4, 6, 8, 3)}
		require.NoError(t, imaging.Save(filepath.Join(dir, r.File), m, imaging.EncodeOptions{}))
	}
	return dir
}

func TestSet(t *testing.T) {
	dir := folder(t,
		Record{File: "0.png", Class: "owl", Split: "train", Captions: []string{"an owl"}},
		Record{File: "1.png", Class: "bat", Split: "test", Captions: []string{"a bat"}},
		Record{File: "2.png", Class: "owl", Split: "train", Captions: []string{"a grey owl", "hoo"}})
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, s.CheckDisjoint())
	require.NoError(t, s.CheckFiles())
	require.Equal(t, []string{"bat", "owl"}, s.Classes)
	require.Equal(t, []string{"test", "train"}, s.Splits())
	train, err := s.Split("train")
	require.NoError(t, err)
	_, err = s.Split("val")
	require.ErrorContains(t, err, `no picture is in the split "val"; there are "test", "train"`)

	p, err := train.Load(LoadOptions{Size: 4})
	require.NoError(t, err)
	require.NoError(t, p.Images.Check())
	require.Equal(t, 2, p.Len())
	e, err := p.At(1)
	require.NoError(t, err)
	require.Equal(t, Example{Image: e.Image, Captions: []string{"a grey owl", "hoo"}, Class: 1, File: "2.png"}, e)
	require.Equal(t, []int{4, 4, 3}, e.Image.Shape())
	require.InDelta(t, 0.5, e.Image.At(2, 2, 1), 0.01)

	_, err = train.Load(LoadOptions{Size: 4, MaxBytes: 2 * 4 * 4 * 3})
	require.NoError(t, err)
	_, err = train.Load(LoadOptions{Size: 4, MaxBytes: 2*4*4*3 - 1})
	require.ErrorContains(t, err, "2 pictures of 4×4 pixels take 96 bytes, more than the limit of 95 (LoadOptions.MaxBytes)")
	_, err = train.Load(LoadOptions{Size: 1 << 20})
	require.ErrorContains(t, err, "more than the limit of 8589934592 (LoadOptions.MaxBytes)")

	require.NoError(t, os.Remove(filepath.Join(dir, "1.png")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "2.png"), []byte("no picture"), 0o600))
	require.ErrorContains(t, s.CheckFiles(), "line 2: "+filepath.Join(dir, "1.png")+" does not exist")
	_, err = s.Load(LoadOptions{})
	require.ErrorContains(t, err, "line 2: ")
	require.ErrorContains(t, err, "line 3: ")
}

func TestSplitsMustBeDisjoint(t *testing.T) {
	s := newSet("", []Record{
		{File: "0", Class: "owl", Split: "train", Line: 1}, {File: "1", Split: "test", Line: 2},
		{File: "2", Split: "train", Line: 3}, {File: "3", Class: "owl", Split: "test", Line: 4},
	})
	require.ErrorContains(t, s.CheckDisjoint(), `class "owl" is in the split "train" (line 1) and in "test" (line 4)`)
}

func TestOpenRefuses(t *testing.T) {
	_, err := Open(t.TempDir(), Options{})
	require.ErrorContains(t, err, "captions.jsonl")
	dir := folder(t, Record{File: "0.png", Captions: []string{"x"}})
	_, err = Open(dir, Options{MaxBytes: 10})
	require.ErrorContains(t, err, "the limit is 10 (Options.MaxBytes)")
}

func TestRealSets(t *testing.T) {
	root := os.Getenv("GANDER_DATA")
	if root == "" {
		t.Skip("GANDER_DATA is not set")
	}
	for name, count := range map[string]int{"emoji64": 1492, "cub10": 435, "flowers12": 960, "tuxpaint_stamps": 404} {
		s, err := Open(filepath.Join(root, "txt2img", name), Options{})
		require.NoError(t, err, name)
		require.Len(t, s.Records, count, name)
		require.NoError(t, s.CheckDisjoint(), name)
		require.NoError(t, s.CheckFiles(), name)
	}
	s, err := Open(filepath.Join(root, "txt2img", "cub10"), Options{FileField: "crop64"})
	require.NoError(t, err)
	test, err := s.Split("test")
	require.NoError(t, err)
	test.Records = test.Records[:5]
	p, err := test.Load(LoadOptions{})
	require.NoError(t, err)
	require.Len(t, p.Captions[0], 10)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"file":"a.png","class":"c","split":"s","captions":["x","y"]}` + "\n" + `{"file":"b.png","caption":"x"}`))
	f.Add([]byte("\xef\xbb\xbf{}\n\xff\n" + `{"file":"..","caption":"\ud800"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		records, err := Read(bytes.NewReader(b), Options{MaxLine: 4096})
		if err != nil {
			return
		}
		var again bytes.Buffer
		require.NoError(t, Write(&again, records))
		back, err := Read(&again, Options{})
		require.NoError(t, err)
		require.Len(t, back, len(records))
		for i, r := range records {
			r.Line = i + 1
			require.Equal(t, r, back[i])
		}
	})
}

func TestCut(t *testing.T) {
	dir := t.TempDir()
	x := tensor.New(4, 8, 3)
	for i := range x.Len() {
		x.Data()[i] = float32(i/3%8) / 7 // brighter from left to right
	}
	require.NoError(t, imaging.Save(filepath.Join(dir, "a.png"), &imaging.Image{Pixels: x}, imaging.EncodeOptions{}))
	s, err := NewSet(dir, []Record{{File: "a.png", Captions: []string{"x"}}})
	require.NoError(t, err)
	left := func(r Record, x *tensor.Tensor) *tensor.Tensor {
		require.Equal(t, "a.png", r.File)
		return imaging.Crop(x, image.Rect(0, 0, 1, 4))
	}
	for _, c := range []struct {
		cut       func(Record, *tensor.Tensor) *tensor.Tensor
		low, high int
	}{{nil, 73, 182}, {MiddleSquare, 73, 182}, {Whole, 12, 243}, {left, 0, 0}} {
		p, err := s.Load(LoadOptions{Size: 4, Cut: c.cut})
		require.NoError(t, err)
		require.InDelta(t, c.low, int(p.Images.Pixels[0]), 10)
		require.InDelta(t, c.high, int(p.Images.Pixels[3*3]), 10)
	}
}
