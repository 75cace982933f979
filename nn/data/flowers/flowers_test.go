package flowers

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/matfile"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

func write(t testing.TB, text string, parts ...string) {
	path := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func picture(t testing.TB, shade float32, parts ...string) {
	path := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, imaging.Save(path, &imaging.Image{Pixels: tensor.Full(shade, 6, 8, 3)}, imaging.EncodeOptions{}))
}

// stored copies a file of testdata, see testdata/make.py.
func stored(t testing.TB, name string, parts ...string) {
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	write(t, string(b), parts...)
}

// oxfordFolder writes the six pictures of testdata/imagelabels.mat as the set was published. Captions of the classes 77 and 102
// are text, those of 3 a tensor of the class, and those of 5 a table of the picture.
func oxfordFolder(t testing.TB) (dir string) {
	dir = filepath.Join(t.TempDir(), "oxford102")
	for i := range 6 {
		picture(t, float32(i)/8, dir, "jpg", fmt.Sprintf("image_%05d.jpg", i+1))
	}
	stored(t, "imagelabels.mat", dir, "imagelabels.mat")
	stored(t, "setid.mat", dir, "setid.mat")
	text := filepath.Join(filepath.Dir(dir), "cvpr2016_flowers", "text_c10")
	write(t, "pansy one\nyellow\n", text, "class_00077", "image_00001.txt")
	write(t, "pansy three\n\nblue", text, "class_00077", "image_00003.txt")
	write(t, "poppy six", text, "class_00102", "image_00006.txt")
	stored(t, "class_00003.t7", text, "class_00003.t7")
	stored(t, "image_00004.t7", text, "class_00005", "image_00004.t7")
	write(t, "class_00003\nclass_00005\nclass_00077", filepath.Dir(text), "trainvalclasses.txt")
	write(t, "class_00102\n", filepath.Dir(text), "testclasses.txt")
	return dir
}

func TestPublishedSet(t *testing.T) {
	dir := oxfordFolder(t)
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []caption.Record{
		{File: "jpg/image_00001.jpg", Class: "class_00077", Split: "train", Captions: []string{"pansy one", "yellow"}},
		{File: "jpg/image_00002.jpg", Class: "class_00003", Split: "train", Captions: []string{"a rose", "it is red"}},
		{File: "jpg/image_00003.jpg", Class: "class_00077", Split: "train", Captions: []string{"pansy three", "blue"}},
		{File: "jpg/image_00004.jpg", Class: "class_00005", Split: "train", Captions: []string{"a lily", "white"}},
		{File: "jpg/image_00005.jpg", Class: "class_00003", Split: "train", Captions: []string{"another", "dark red petals"}},
		{File: "jpg/image_00006.jpg", Class: "class_00102", Split: "test", Captions: []string{"poppy six"}},
	}, s.Records)
	require.Equal(t, []string{"class_00003", "class_00005", "class_00077", "class_00102"}, s.Classes)
	require.NoError(t, s.CheckDisjoint())
	require.NoError(t, s.CheckFiles())
	require.NoError(t, s.CheckPictures())
	p, err := s.Load(caption.LoadOptions{Size: 4, Cut: caption.Whole})
	require.NoError(t, err)
	require.Equal(t, []int{2, 0, 2, 1, 0, 3}, p.Images.Labels)
	require.InDelta(t, 3./8*255, float64(p.Images.Pixels[3*4*4*3]), 2)

	s, err = Open(dir, Options{Published: true})
	require.NoError(t, err)
	var splits []string
	for _, r := range s.Records {
		splits = append(splits, r.Split)
	}
	require.Equal(t, []string{"train", "train", "val", "test", "test", "test"}, splits)
	require.ErrorContains(t, s.CheckDisjoint(), `class "class_00077" is in the split "train"`)
}

func TestClassesHeldOut(t *testing.T) {
	dir := oxfordFolder(t)
	top := filepath.Dir(dir)
	list := func(name, text string) string {
		write(t, text, top, name)
		return filepath.Join(top, name)
	}
	s, err := Open(dir, Options{TrainClasses: list("a", "class_00102\nclass_00005"), TestClasses: list("b", "class_00003\nclass_00077")})
	require.NoError(t, err)
	require.Equal(t, caption.Test, s.Records[0].Split)
	_, err = Open(dir, Options{TrainClasses: list("a", "class_00102\nclass_00003"), TestClasses: list("b", "class_00003\nclass_00077")})
	require.ErrorContains(t, err, `class "class_00003" is both to learn from and held out`)
	_, err = Open(dir, Options{TrainClasses: "a"})
	require.ErrorContains(t, err, "one list of classes alone")
	require.NoError(t, os.Remove(filepath.Join(top, "cvpr2016_flowers", "testclasses.txt")))
	seen := map[string]bool{}
	for seed := range uint64(30) {
		s, err := Open(dir, Options{Seed: seed})
		require.NoError(t, err)
		require.NoError(t, s.CheckDisjoint())
		test, err := s.Split(caption.Test)
		require.NoError(t, err)
		seen[test.Records[0].Class] = true
	}
	require.Len(t, seen, 4)
	s, err = Open(dir, Options{HeldOut: 3})
	require.NoError(t, err)
	train, err := s.Split(caption.Train)
	require.NoError(t, err)
	for _, r := range train.Records {
		require.Equal(t, train.Records[0].Class, r.Class)
	}
	_, err = Open(dir, Options{HeldOut: 4})
	require.ErrorContains(t, err, "4 classes held out of 4")
	require.Panics(t, func() { Open(dir, Options{HeldOut: -1}) })
}

func TestLines(t *testing.T) {
	dir := t.TempDir()
	for i, n := range []string{"iris/1.png", "rose/1.png"} {
		picture(t, float32(i)/2, dir, "images", n)
	}
	lines := func(a, b string) {
		write(t, fmt.Sprintf(`{"file":"images/iris/1.png","class":"iris","split":%q,"caption":"an iris"}
			{"file":"images/rose/1.png","class":"rose","split":%q,"caption":"a rose"}`, a, b), dir, "captions.jsonl")
	}
	lines("train", "test")
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"train", "test"}, []string{s.Records[0].Split, s.Records[1].Split})
	lines("", "")
	s, err = Open(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"test", "train"}, s.Splits(), "drawn")
	write(t, "iris", dir, "testclasses.txt")
	write(t, "rose", dir, "trainclasses.txt")
	lines("train", "test")
	s, err = Open(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"test", "train"}, []string{s.Records[0].Split, s.Records[1].Split}, "lists come first")
	write(t, "tulip", dir, "trainclasses.txt")
	_, err = Open(dir, Options{})
	require.ErrorContains(t, err, `class "rose" of images/rose/1.png is in neither list`)
	_, err = Open(dir, Options{Published: true})
	require.ErrorContains(t, err, "has no setid.mat")

	shared := t.TempDir()
	write(t, `{"file":"1.png","class":"iris","split":"train","caption":"x"}`+"\n"+`{"file":"2.png","class":"iris","split":"test","caption":"x"}`, shared, "captions.jsonl")
	_, err = Open(shared, Options{})
	require.ErrorContains(t, err, `class "iris" is in the split "train" (line 1) and in "test" (line 2)`)
}

func TestRefuses(t *testing.T) {
	type c struct {
		change    func(dir, text string)
		published bool
	}
	for want, c := range map[string]c{
		"imagelabels.mat: picture 2 has the class 0":   {change: func(d, _ string) { stored(t, "labels_zero.mat", d, "imagelabels.mat") }},
		`imagelabels.mat: "labels" holds no numbers`:   {change: func(d, _ string) { stored(t, "labels_none.mat", d, "imagelabels.mat") }},
		`no array "labels"; there are "trnid"`:         {change: func(d, _ string) { stored(t, "setid.mat", d, "imagelabels.mat") }},
		"too few for the header":                       {change: func(d, _ string) { write(t, "x", d, "imagelabels.mat") }},
		`picture 2 is in the split "train" and in "te`: {func(d, _ string) { stored(t, "setid_twice.mat", d, "setid.mat") }, true},
		"picture 6 is in none of trnid":                {func(d, _ string) { stored(t, "setid_few.mat", d, "setid.mat") }, true},
		`"tstid" names picture 7 of 6`:                 {func(d, _ string) { stored(t, "setid_beyond.mat", d, "setid.mat") }, true},
		`setid.mat: no array "trnid"`:                  {func(d, _ string) { stored(t, "imagelabels.mat", d, "setid.mat") }, true},
		"setid.mat: no such file":                      {func(d, _ string) { os.Remove(filepath.Join(d, "setid.mat")) }, true},
		"jpg/image_00003.jpg has no captions: there is neither": {change: func(_, text string) {
			os.Remove(filepath.Join(text, "class_00077", "image_00003.txt"))
		}},
		"image_00003.txt: line 1: byte 2 is not UTF-8":                 {change: func(_, text string) { write(t, "a\xff", text, "class_00077", "image_00003.txt") }},
		"image_00003.txt: line 1: has 100000 bytes":                    {change: func(_, text string) { write(t, strings.Repeat("x", 100_000), text, "class_00077", "image_00003.txt") }},
		"class_00003.t7: caption 2 of picture 2 (jpg/image_00005.jpg)": {change: func(_, text string) { stored(t, "class_empty.t7", text, "class_00003.t7") }},
		"class_00003.t7 holds no tensor (pictures, letters, captions)": {change: func(_, text string) { stored(t, "image_00004.t7", text, "class_00003.t7") }},
		"class_00005.t7 has captions of 2 pictures; the class has 1": {change: func(_, text string) {
			os.RemoveAll(filepath.Join(text, "class_00005"))
			stored(t, "class_00003.t7", text, "class_00005.t7")
		}},
		`image_00004.t7: there is no "char", or all its captions are`: {change: func(_, text string) { stored(t, "no_char.t7", text, "class_00005", "image_00004.t7") }},
		"image_00004.t7: is a tensor, want a table":                   {change: func(_, text string) { stored(t, "class_00003.t7", text, "class_00005", "image_00004.t7") }},
		"no captions: there is no folder text_c10 in":                 {change: func(_, text string) { os.RemoveAll(text) }},
		"has neither imagelabels.mat nor captions.jsonl":              {change: func(d, _ string) { os.Remove(filepath.Join(d, "imagelabels.mat")) }},
	} {
		dir := oxfordFolder(t)
		c.change(dir, filepath.Join(filepath.Dir(dir), "cvpr2016_flowers", "text_c10"))
		_, err := Open(dir, Options{Published: c.published})
		require.ErrorContains(t, err, "flowers: ")
		require.ErrorContains(t, err, want)
	}
	dir := oxfordFolder(t)
	_, err := Open(filepath.Join(dir, "none"), Options{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = Open(dir, Options{Captions: filepath.Join(dir, "none")})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = Open(dir, Options{Mat: matfile.Options{MaxNumbers: 3}})
	require.ErrorContains(t, err, "6 numbers, the limit is 3")

	text := filepath.Join(filepath.Dir(dir), "cvpr2016_flowers", "text_c10")
	stored(t, "class_empty.t7", text, "class_00003.t7")
	write(t, "a\xff", text, "class_00077", "image_00003.txt")
	s, err := Open(dir, Options{Text: caption.TextOptions{Repair: true}})
	require.NoError(t, err)
	require.Equal(t, 2, s.Repaired)
	require.Equal(t, []string{"another"}, s.Records[4].Captions)
}

func TestRealFlowers(t *testing.T) {
	root := os.Getenv("GANDER_DATA")
	if root == "" {
		t.Skip("GANDER_DATA is not set")
	}
	s, err := Open(filepath.Join(root, "txt2img", "flowers12"), Options{})
	require.NoError(t, err)
	require.Len(t, s.Records, 960)
	require.Len(t, s.Classes, 12)
	require.NoError(t, s.CheckDisjoint())
	require.NoError(t, s.CheckFiles())
	require.NoError(t, s.CheckPictures())
	test, err := s.Split(caption.Test)
	require.NoError(t, err)
	require.Len(t, test.Records, 240)
	for _, r := range test.Records {
		require.Contains(t, []string{"iris", "sunflower", "windflower"}, r.Class)
	}
}

// FuzzLabels reads the same MAT-file as imagelabels.mat and as setid.mat.
func FuzzLabels(f *testing.F) {
	for _, name := range []string{"imagelabels.mat", "setid.mat", "setid_twice.mat", "setid_beyond.mat", "labels_zero.mat", "labels_none.mat"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := matfile.Read(bytes.NewReader(b), int64(len(b)), matfile.Options{MaxBytes: 1 << 20, MaxNumbers: 1 << 16})
		if err != nil {
			return
		}
		if labels, err := labelsOf(m); err == nil {
			require.NotEmpty(t, labels)
			for _, k := range labels {
				require.True(t, k >= 1 && k <= maxClass)
			}
		}
		records := make([]caption.Record, 6)
		if setSplit(m, records) == nil {
			for _, r := range records {
				require.NotEmpty(t, r.Split)
			}
		}
	})
}
