package cub

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
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

func write(t testing.TB, text string, parts ...string) {
	path := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// picture saves one of 12×8 pixels whose red is the column and green the row, in twentieths.
func picture(t testing.TB, parts ...string) {
	x := tensor.New(8, 12, 3)
	for i := range 8 {
		for j := range 12 {
			x.Set(float32(j)/20, i, j, 0)
			x.Set(float32(i)/20, i, j, 1)
		}
	}
	path := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, imaging.Save(path, &imaging.Image{Pixels: x}, imaging.EncodeOptions{}))
}

// published writes a set of five pictures of three species as it was published, with captions and lists beside it.
func published(t testing.TB) (dir string) {
	top := t.TempDir()
	dir = filepath.Join(top, "CUB_200_2011")
	files := []string{"001.Owl/Owl_1.png", "001.Owl/Owl_2.png", "002.Jay/Jay_1.png", "003.Tit/Tit_1.png", "003.Tit/Tit_2.png"}
	var images, labels, boxes, split, parts string
	for i, f := range files {
		id := i + 1
		picture(t, dir, "images", f)
		images += fmt.Sprintf("%d %s\n", id, f)
		labels += fmt.Sprintf("%d %d\n", id, int(f[2]-'0'))
		boxes += fmt.Sprintf("%d %d.0 2.0 4.0 3.0\n", id, id)
		split += fmt.Sprintf("%d %d\n", id, i%2)
		parts += fmt.Sprintf("%d 1 %d.5 3.0 1\n%d 2 0.0 0.0 0\n", id, id, id)
		name := strings.TrimSuffix(f, ".png")
		text := ""
		for k := range 10 {
			text += fmt.Sprintf("%s in words %d.\n", name, k)
		}
		write(t, text, top, "text_c10", name+".txt")
	}
	write(t, images, dir, "images.txt")
	write(t, labels, dir, "image_class_labels.txt")
	write(t, "1 001.Owl\n2 002.Jay\n3 003.Tit\n", dir, "classes.txt")
	write(t, boxes, dir, "bounding_boxes.txt")
	write(t, split, dir, "train_test_split.txt")
	write(t, "1 back\n2 left eye\n", dir, "parts", "parts.txt")
	write(t, parts, dir, "parts", "part_locs.txt")
	write(t, "001.Owl\n003.Tit\n", top, "trainvalclasses.txt")
	write(t, "002.Jay\n", top, "testclasses.txt")
	return dir
}

func TestPublishedSet(t *testing.T) {
	dir := published(t)
	for _, d := range []string{dir, filepath.Dir(dir)} {
		s, err := Open(d, Options{})
		require.NoError(t, err)
		require.Len(t, s.Records, 5)
		require.Equal(t, dir, s.Dir)
		require.Equal(t, []string{"001.Owl", "002.Jay", "003.Tit"}, s.Classes)
		require.Equal(t, []string{"test", "train"}, s.Splits())
		require.NoError(t, s.CheckDisjoint())
		require.NoError(t, s.CheckFiles())
		r := s.Records[2]
		require.Equal(t, "images/002.Jay/Jay_1.png", r.File)
		require.Equal(t, caption.Test, r.Split)
		require.Len(t, r.Captions, 10)
		require.Equal(t, "002.Jay/Jay_1 in words 9.", r.Captions[9])
		require.Equal(t, Bird{ID: 3, Box: Box{3, 2, 4, 3}, Parts: []Part{{3.5, 3, true}, {0, 0, false}}}, s.Birds[r.File])
		require.Equal(t, map[string]Part{"back": {3.5, 3, true}, "left eye": {}}, s.PartsOf(r))
		require.Nil(t, s.PartsOf(caption.Record{File: "x"}))

		train, err := s.Split(caption.Train)
		require.NoError(t, err)
		require.Len(t, train.Records, 4)
		p, err := train.Load(caption.LoadOptions{Size: 8})
		require.NoError(t, err)
		require.NoError(t, p.Images.Check())
		require.Equal(t, []int{0, 0, 2, 2}, p.Images.Labels)
	}
	s, err := Open(dir, Options{Published: true})
	require.NoError(t, err)
	require.Equal(t, caption.Train, s.Records[1].Split)
	require.ErrorContains(t, s.CheckDisjoint(), `class "001.Owl" is in the split "test" (images/001.Owl/Owl_1.png) and in "train" (images/001.Owl/Owl_2.png)`)
	// All five pictures have the same pixels here.
	require.ErrorContains(t, s.CheckPictures(), "are the same picture")
}

func TestCutToBox(t *testing.T) {
	s, err := Open(published(t), Options{})
	require.NoError(t, err)
	x := tensor.New(8, 12, 3)
	for i := range x.Len() {
		x.Data()[i] = float32(i / 3) // the number of the pixel
	}
	for _, c := range []struct {
		scale              float64
		box                Box
		x, y, width, heigt int
	}{
		{1, Box{3, 2, 4, 3}, 3, 2, 4, 4},
		{1.5, Box{3, 2, 4, 2}, 2, 0, 6, 6},
		{1, Box{0, 0, 2, 4}, 0, 0, 4, 4},       // moved in from the left
		{1, Box{9, 5, 3, 3}, 9, 5, 3, 3},       // at the corner
		{1, Box{10, 6, 4, 4}, 8, 4, 4, 4},      // beyond it
		{1, Box{0, 0, 12, 8}, 0, 0, 12, 8},     // no square fits
		{100, Box{5, 3, 4, 3}, 0, 0, 12, 8},    // all
		{1, Box{1e6, -1e6, 1, 1}, 11, 0, 1, 1}, // nowhere near
		{.001, Box{3, 2, 4, 4}, 5, 4, 1, 1},
	} {
		r := s.Records[0]
		s.Birds[r.File] = Bird{Box: c.box}
		cut, err := s.CutToBox(c.scale)
		require.NoError(t, err)
		got := cut(r, x)
		require.Equal(t, []int{c.heigt, c.width, 3}, got.Shape(), c)
		require.Equal(t, float32(c.y*12+c.x), got.Data()[0], c)
	}
	s.Birds[s.Records[1].File] = Bird{}
	_, err = s.CutToBox(1.5)
	require.ErrorContains(t, err, "the box of images/001.Owl/Owl_2.png is not known: bounding_boxes.txt is missing")
	require.Panics(t, func() { s.CutToBox(0) })
}

func TestSegmentation(t *testing.T) {
	dir := published(t)
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	_, err = s.Segmentation(s.Records[0])
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = s.Segmentation(caption.Record{File: "x.png"})
	require.ErrorContains(t, err, "x.png is no picture of this set")
	for k, place := range []string{filepath.Dir(dir), dir} {
		for _, channels := range []int{1, 3} {
			file := filepath.Join(place, "segmentations", "001.Owl", "Owl_1.png")
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
			require.NoError(t, imaging.Save(file, &imaging.Image{Pixels: tensor.Full(float32(k+1)/5, 8, 12, channels)}, imaging.EncodeOptions{}))
			m, err := s.Segmentation(s.Records[0])
			require.NoError(t, err)
			require.Equal(t, []int{8, 12, 1}, m.Shape())
			require.InDelta(t, float32(k+1)/5, m.At(3, 4, 0), 1e-6)
		}
	}
}

func TestClassesHeldOut(t *testing.T) {
	dir := published(t)
	top := filepath.Dir(dir)
	list := func(name, text string) string {
		write(t, text, top, name)
		return filepath.Join(top, name)
	}
	s, err := Open(dir, Options{TrainClasses: list("a.txt", "002.Jay"), TestClasses: list("b.txt", "001.Owl\n003.Tit")})
	require.NoError(t, err)
	require.Equal(t, caption.Test, s.Records[0].Split)
	_, err = Open(dir, Options{TrainClasses: list("a.txt", "002.Jay\n001.Owl"), TestClasses: list("b.txt", "001.Owl\n003.Tit")})
	require.ErrorContains(t, err, `class "001.Owl" is both to learn from and held out`)
	_, err = Open(dir, Options{TrainClasses: list("a.txt", "002.Jay"), TestClasses: list("b.txt", "001.Owl")})
	require.ErrorContains(t, err, `class "003.Tit" of images/003.Tit/Tit_1.png is in neither list`)
	_, err = Open(dir, Options{TestClasses: "b.txt"})
	require.ErrorContains(t, err, "one list of classes alone")

	require.NoError(t, os.Remove(filepath.Join(top, "testclasses.txt")))
	seen := map[string]bool{}
	for seed := range uint64(20) {
		s, err := Open(dir, Options{Seed: seed})
		require.NoError(t, err)
		require.NoError(t, s.CheckDisjoint())
		test, err := s.Split(caption.Test)
		require.NoError(t, err)
		seen[test.Records[0].Class] = true
		again, err := Open(dir, Options{Seed: seed})
		require.NoError(t, err)
		require.Equal(t, s.Records, again.Records)
	}
	require.Len(t, seen, 3)
	_, err = Open(dir, Options{HeldOut: 3})
	require.ErrorContains(t, err, "3 classes held out of 3")
	require.Panics(t, func() { Open(dir, Options{HeldOut: -1}) })
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"b/2.png", "a/1.png"} {
		picture(t, dir, "images", f)
		write(t, "one\ntwo\n", dir, "text_c10", strings.TrimSuffix(f, ".png")+".txt")
	}
	write(t, "", dir, "images", "a", "Thumbs.db")
	write(t, "", dir, "images", "README")
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"images/a/1.png", "images/b/2.png"}, []string{s.Records[0].File, s.Records[1].File})
	require.Nil(t, s.PartsOf(s.Records[0]))
	_, err = s.CutToBox(1)
	require.Error(t, err)
	write(t, `{"file":"images/b/2.png","bbox":[1,2,3.5,4]}
		{"file":"images/a/1.png","captions":["x"]} {"file":"elsewhere"}`, dir, "captions.jsonl")
	s, err = Open(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, Box{1, 2, 3.5, 4}, s.Birds["images/b/2.png"].Box)
	_, err = Open(dir, Options{Published: true})
	require.ErrorContains(t, err, "has no train_test_split.txt")
	for want, text := range map[string]string{
		`object 1: a "bbox" of 3 numbers`:       `{"file":"images/b/2.png","bbox":[1,2,3]}`,
		`object 1: "bbox" [1 2 1e+30 4]`:        `{"file":"images/b/2.png","bbox":[1,2,1e30,4]}`,
		"object 2: a box 0 wide and 4 high":     `{} {"file":"images/b/2.png","bbox":[1,2,0,4]}`,
		"object 1: cannot unmarshal":            `{"file":7}`,
		"object 1: unexpected EOF":              `{"file":`,
		"object 2: invalid character 'x' looki": `{} x`,
	} {
		write(t, text, dir, "captions.jsonl")
		_, err := Open(dir, Options{})
		require.ErrorContains(t, err, want)
	}
}

// number puts 1 to 5 in place of the x of images.txt.
func number(t *testing.T, dir string) {
	b, err := os.ReadFile(filepath.Join(dir, "images.txt"))
	require.NoError(t, err)
	for i := range 5 {
		b = bytes.Replace(b, []byte("x "), fmt.Appendf(nil, "%d ", i+1), 1)
	}
	write(t, string(b), dir, "images.txt")
}

func TestRefuses(t *testing.T) {
	for want, change := range map[string]func(dir string){
		"images.txt: line 2: number 1 is there twice":                       func(d string) { write(t, "1 a.png\n1 b.png", d, "images.txt") },
		"images.txt: line 1: number 1 has no name":                          func(d string) { write(t, "1", d, "images.txt") },
		`images.txt: line 3: "x" is not a number from 1`:                    func(d string) { write(t, "1 a\n\nx b", d, "images.txt") },
		"images.txt: line 1: more than 16384 bytes":                         func(d string) { write(t, "1 "+strings.Repeat("x", maxLine), d, "images.txt") },
		"images.txt: line 1 is not UTF-8":                                   func(d string) { write(t, "1 \xff", d, "images.txt") },
		"images.txt: holds no lines":                                        func(d string) { write(t, "\n", d, "images.txt") },
		"images.txt has 50000 bytes, the limit is 40000 (Options.MaxBytes)": func(d string) { write(t, strings.Repeat("\n", 50000), d, "images.txt") },
		`"../../a.png" is not a path within the folder`:                     func(d string) { write(t, "x ../../a.png\nx b\nx c\nx d\nx e\n", d, "images.txt"); number(t, d) },
		`"images/001.Owl/Owl_1.png" is there twice`:                         func(d string) { write(t, strings.Repeat("x 001.Owl/Owl_1.png\n", 5), d, "images.txt"); number(t, d) },
		"picture 1 has the class 0 in image_class_labels.txt":               func(d string) { write(t, "2 1", d, "image_class_labels.txt") },
		`image_class_labels.txt: line 1: "one" is not a whole number`:       func(d string) { write(t, "1 one", d, "image_class_labels.txt") },
		"image_class_labels.txt: line 2: number 1 is there twice":           func(d string) { write(t, "1 1\n1 1", d, "image_class_labels.txt") },
		"classes.txt: no such file":                                         func(d string) { os.Remove(filepath.Join(d, "classes.txt")) },
		"bounding_boxes.txt: line 1: picture 9 is not in images.txt":        func(d string) { write(t, "9 1 2 3 4", d, "bounding_boxes.txt") },
		"bounding_boxes.txt: line 1: 3 numbers after the first, want 4":     func(d string) { write(t, "1 1 2 3", d, "bounding_boxes.txt") },
		"bounding_boxes.txt: line 1: a box 0 wide and 4 high":               func(d string) { write(t, "1 1 2 0 4", d, "bounding_boxes.txt") },
		`bounding_boxes.txt: line 1: "NaN" is not a number of pixels`:       func(d string) { write(t, "1 1 2 NaN 4", d, "bounding_boxes.txt") },
		`train_test_split.txt: line 1: "2", want 0 (held out) or 1`:         func(d string) { write(t, "1 2", d, "train_test_split.txt") },
		"part_locs.txt: line 1: part 3 is not in parts.txt":                 func(d string) { write(t, "1 3 1 1 1", d, "parts", "part_locs.txt") },
		"part_locs.txt: line 1: part 1.5 is not in parts.txt":               func(d string) { write(t, "1 1.5 1 1 1", d, "parts", "part_locs.txt") },
		"part_locs.txt: line 1: visible is 2, want 0 or 1":                  func(d string) { write(t, "1 1 1 1 2", d, "parts", "part_locs.txt") },
		"Owl_2.txt: line 2: byte 2 is not UTF-8 (0xff)":                     func(d string) { write(t, "a\nb\xff", d, "..", "text_c10", "001.Owl", "Owl_2.txt") },
		"Owl_2.txt: line 1: has 100000 bytes, the limit is 65536":           func(d string) { write(t, strings.Repeat("x", 100_000), d, "..", "text_c10", "001.Owl", "Owl_2.txt") },
		"Owl_2.txt: holds no captions":                                      func(d string) { write(t, "\n", d, "..", "text_c10", "001.Owl", "Owl_2.txt") },
		"Owl_2.txt: no such file":                                           func(d string) { os.Remove(filepath.Join(d, "..", "text_c10", "001.Owl", "Owl_2.txt")) },
		"no captions: there is no folder text_c10 in":                       func(d string) { os.RemoveAll(filepath.Join(d, "..", "text_c10")) },
		"has neither images.txt nor a folder images":                        func(d string) { os.RemoveAll(filepath.Join(d)); os.Mkdir(d, 0o700) },
	} {
		dir := published(t)
		change(dir)
		_, err := Open(dir, Options{MaxBytes: 40000})
		require.ErrorContains(t, err, "cub: ")
		require.ErrorContains(t, err, want)
	}
	dir := published(t)
	_, err := Open(filepath.Join(dir, "none"), Options{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = Open(dir, Options{Captions: filepath.Join(dir, "none")})
	require.ErrorIs(t, err, fs.ErrNotExist)
	write(t, "1 1\n", dir, "train_test_split.txt")
	_, err = Open(dir, Options{Published: true})
	require.ErrorContains(t, err, "train_test_split.txt says nothing of picture 2")

	write(t, "a\nb\xffc\n\xff\n", dir, "..", "text_c10", "001.Owl", "Owl_2.txt")
	s, err := Open(dir, Options{Text: caption.TextOptions{Repair: true}})
	require.NoError(t, err)
	require.Equal(t, 2, s.Repaired)
	require.Equal(t, []string{"a", "b c"}, s.Records[1].Captions)
}

func TestRealBirds(t *testing.T) {
	root := os.Getenv("GANDER_DATA")
	if root == "" {
		t.Skip("GANDER_DATA is not set")
	}
	s, err := Open(filepath.Join(root, "txt2img", "cub10"), Options{})
	require.NoError(t, err)
	require.Len(t, s.Records, 435)
	require.Len(t, s.Classes, 8)
	require.NoError(t, s.CheckDisjoint())
	require.NoError(t, s.CheckFiles())
	require.NoError(t, s.CheckPictures())
	for _, r := range s.Records {
		require.Len(t, r.Captions, 10, r.File)
		require.NotZero(t, s.Birds[r.File].Box)
	}
	// The split is that of the lines of captions.jsonl.
	lines, err := caption.Open(s.Dir, caption.Options{})
	require.NoError(t, err)
	of := map[string]caption.Record{}
	for _, r := range lines.Records {
		r.Line = 0
		of[r.File] = r
	}
	for _, r := range s.Records {
		require.Equal(t, of[r.File], r)
	}
	test, err := s.Split(caption.Test)
	require.NoError(t, err)
	test.Records = test.Records[:3]
	cut, err := s.CutToBox(1.5)
	require.NoError(t, err)
	p, err := test.Load(caption.LoadOptions{Cut: cut})
	require.NoError(t, err)
	require.Equal(t, 64, p.Images.Height)
}

// FuzzTables reads the same bytes as each of the text files.
func FuzzTables(f *testing.F) {
	for _, s := range []string{
		"1 001.Owl/Owl_1.png\n2 002.Jay/Jay 1.png\n", "1 1\n2 0\n", "1 60.0 27.0 325.0 304.0\n", "1 1 312.0 182.0 1\n1 2 0.0 0.0 0\n",
		"1 NaN 1e99 -0 1\n", "4294967297 1\n", "\xff", `{"file":"images/a.png","bbox":[1,2,3,4]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		birds := map[int]*bird{1: {}, 2: {}}
		known := func(id int) (*bird, error) {
			if b, ok := birds[id]; ok {
				return b, nil
			}
			return nil, fs.ErrNotExist
		}
		if ids, names, err := readNames(bytes.NewReader(b)); err == nil {
			require.Len(t, names, len(ids))
		}
		readNumbers(bytes.NewReader(b))
		if readBoxes(bytes.NewReader(b), known) == nil {
			for _, b := range birds {
				require.True(t, b.Box == Box{} || b.Box.Width > 0 && b.Box.Height > 0)
			}
		}
		readSplit(bytes.NewReader(b), known)
		readParts(bytes.NewReader(b), map[int]int{1: 0, 2: 1}, known)
		readLineBoxes(bytes.NewReader(b), map[string]*bird{"images/a.png": {}})
	})
}
