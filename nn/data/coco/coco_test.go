package coco

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

const good = `{"info": {"year": 2014, "more": [[{}], null]},
 "images": [{"license": 5, "file_name": "COCO_train2014_9.png", "height": 480, "id": 9}, {"id": 4, "file_name": "COCO_train2014_4.png"}],
 "licenses": [],
 "annotations": [{"image_id": 4, "id": 1, "caption": "A cat. "}, {"image_id": 9, "id": 2, "caption": "Ein H\u00fcndchen 🐕\n"},
  {"image_id": 4, "id": 3, "caption": "A grey cat."}, {"image_id": 4, "id": 5, "caption": "A third."}]}`

func TestRead(t *testing.T) {
	want := []caption.Record{
		{File: "COCO_train2014_9.png", Captions: []string{"Ein Hündchen 🐕"}},
		{File: "COCO_train2014_4.png", Captions: []string{"A cat.", "A grey cat.", "A third."}},
	}
	got, repaired, err := Read(strings.NewReader(good), Options{})
	require.NoError(t, err)
	require.Zero(t, repaired)
	require.Equal(t, want, got)
	want[1].Captions = want[1].Captions[:2]
	got, _, err = Read(strings.NewReader(good), Options{PerPicture: 2})
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Panics(t, func() { Read(strings.NewReader(good), Options{PerPicture: -1}) })

	// Captions may come first.
	got, _, err = Read(strings.NewReader(`{"annotations":[{"image_id":1,"caption":"x"}],"images":[{"id":1,"file_name":"a.jpg"}]}`), Options{})
	require.NoError(t, err)
	require.Equal(t, []caption.Record{{File: "a.jpg", Captions: []string{"x"}}}, got)
}

// file has two pictures, and a caption of each that is given in JSON.
func file(captions ...string) string {
	text := `{"images":[{"id":0,"file_name":"0.jpg"},{"id":1,"file_name":"1.jpg"}],"annotations":[`
	for i, c := range captions {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(`{"image_id":%d,"caption":%s}`, i, c)
	}
	return text + "]}"
}

func TestBrokenCaptions(t *testing.T) {
	for text, want := range map[string]string{
		file(`"a"`, "\"caf\xe9\""):                     `entry 2 of "annotations": "caption" of picture 1: byte 4 is not UTF-8 (0xe9)`,
		file(`"a"`, `"x\ud800y"`):                      `entry 2 of "annotations": "caption" of picture 1: an escape \ud800 to \udfff stands alone`,
		file(`" "`, `"a"`):                             `entry 1 of "annotations": "caption" of picture 0: is empty`,
		file(`7`, `"a"`):                               `entry 1 of "annotations": "caption" of picture 0: want a string, got 7`,
		file(`"` + strings.Repeat("x", 100_000) + `"`): `"caption" of picture 0: has 100000 bytes, the limit is 65536 (TextOptions.MaxCaption)`,
	} {
		_, _, err := Read(strings.NewReader(text), Options{})
		require.ErrorContains(t, err, want)
	}
	o := Options{Text: caption.TextOptions{Repair: true}}
	got, repaired, err := Read(strings.NewReader(file("\"caf\xe9 noir\"", `"x\ud800y"`)), o)
	require.NoError(t, err)
	require.Equal(t, 2, repaired)
	require.Equal(t, []string{"caf  noir"}, got[0].Captions)
	require.Equal(t, []string{"x y"}, got[1].Captions)
	_, _, err = Read(strings.NewReader(file(`"a"`, `""`)), o)
	require.ErrorContains(t, err, "picture 1 (1.jpg) has no caption")
}

func TestReadRefuses(t *testing.T) {
	images := `"images":[{"id":1,"file_name":"a.jpg"}]`
	notes := `"annotations":[{"image_id":1,"caption":"x"}]`
	for text, want := range map[string]string{
		"":                               "the file ends too early",
		"[]":                             `begins with [, want an object`,
		"{}":                             `no "images": it is no file of captions`,
		"{" + images + "}":               `no "annotations"`,
		"{" + notes + "}":                `no "images"`,
		`{"images":{}}`:                  `"images" is not a list`,
		`{"images":[7]}`:                 `entry 1 of "images": cannot unmarshal number`,
		`{"images":[{"file_name":"x"}]}`: `entry 1 of "images": no "id"`,
		`{"images":[{"id":1}]}`:          `entry 1 of "images": no "file_name"`,
		`{"images":[{"id":1.5}]}`:        `entry 1 of "images": cannot unmarshal number 1.5`,
		`{"images":[{"id":1,"file_name":"../a.jpg"}]}`:                                               `"../a.jpg" is not a path within the folder of pictures`,
		`{"images":[{"id":1,"file_name":"/a.jpg"}]}`:                                                 `"/a.jpg" is not a path within the folder of pictures`,
		"{\"images\":[{\"id\":1,\"file_name\":\"\xff\"}]}":                                           "is not a path within the folder of pictures",
		`{"images":[{"id":1,"file_name":"a"},{"id":1,"file_name":"b"}]}`:                             `entry 2 of "images": a second picture with the id 1`,
		`{"images":[{"id":1,"file_name":"a"},{"id":2,"file_name":"a"}]}`:                             `entry 2 of "images": a second picture "a"`,
		`{"annotations":[{"caption":"x"}]}`:                                                          `entry 1 of "annotations": no "image_id"`,
		`{"annotations":[{"image_id":1,"bbox":[1,2,3,4]}]}`:                                          `no "caption": the file is of boxes or points, not of captions`,
		"{" + images + `,"annotations":[]}`:                                                          "picture 1 (a.jpg) has no caption",
		"{" + images + `,"annotations":[{"image_id":1,"caption":"x"},{"image_id":2,"caption":"x"}]}`: `a caption of picture 2, which is not in "images"`,
		`{"images":[],"annotations":[]}`:                                                             "holds no pictures",
		"{" + images + "," + images + "}":                                                            `entry 1 of "images": a second picture`,
		`{"images":[],"images":[]}`:                                                                  `"images" is there twice`,
		"{" + images + "," + notes:                                                                   "the file ends too early",
		"{" + images + "," + notes + "} {}":                                                          "goes on after its object",
		"{" + images + "," + notes + "}]":                                                            "goes on after its object",
		`{"images":[{"id":1,`:                                                                        `entry 1 of "images": the file ends too early`,
		`{"x":` + strings.Repeat("[", 200):                                                           "lists and objects more than 100 deep",
		`{"x":"` + strings.Repeat("y", 70_000):                                                       "an entry of more than 50000 bytes, the limit (Options.MaxEntry)",
		"{" + images + "," + strings.Repeat(" ", 70_000) + notes + "}":                               "an entry of more than 50000 bytes",
		"{" + images + `,"x":[` + strings.Repeat("1,", 250_000):                                      "more than the limit of 400000 bytes (Options.MaxBytes)",
	} {
		_, _, err := Read(strings.NewReader(text), Options{MaxEntry: 50_000, MaxBytes: 400_000})
		require.ErrorContains(t, err, want)
	}
}

// endless is one string without an end.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	if e.read == 0 {
		n = copy(p, `{"info":"`)
	}
	for i := range p[n:] {
		p[n+i] = 'x'
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestMemoryIsBounded(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var e endless
	_, _, err := Read(&e, Options{})
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, "an entry of more than 1048576 bytes")
	require.Less(t, e.read, int64(4<<20))
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
}

func folder(t *testing.T, pictures string) (dir string) {
	dir = t.TempDir()
	for split, ids := range map[string][]int{"train": {9, 4}, "val": {7}} {
		text := strings.ReplaceAll(good, "train2014", split+"2014")
		if split == "val" {
			text = `{"images":[{"id":7,"file_name":"COCO_val2014_7.png"}],"annotations":[{"image_id":7,"caption":"seven"}]}`
		}
		write(t, text, dir, "annotations", "captions_"+split+"2014.json")
		for _, id := range ids {
			path := filepath.Join(dir, pictures, split+"2014", fmt.Sprintf("COCO_%s2014_%d.png", split, id))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, imaging.Save(path, &imaging.Image{Pixels: tensor.Full(float32(id)/10, 6, 8, 3)}, imaging.EncodeOptions{}))
		}
	}
	write(t, "{}", dir, "annotations", "instances_train2014.json")
	return dir
}

func write(t testing.TB, text string, parts ...string) {
	path := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestOpen(t *testing.T) {
	for _, pictures := range []string{"", "images"} {
		dir := folder(t, pictures)
		s, err := Open(dir, Options{})
		require.NoError(t, err)
		require.Equal(t, []string{"train", "val"}, s.Splits())
		require.NoError(t, s.CheckDisjoint())
		require.NoError(t, s.CheckFiles())
		require.NoError(t, s.CheckPictures())
		train, err := s.Split("train")
		require.NoError(t, err)
		require.Equal(t, []string{"A cat.", "A grey cat.", "A third."}, train.Records[1].Captions)
		p, err := train.Load(caption.LoadOptions{Size: 4})
		require.NoError(t, err)
		require.NoError(t, p.Images.Check())
		require.InDelta(t, 229, int(p.Images.Pixels[0]), 1)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := folder(t, "")
	_, err := Open(dir, Options{Year: "2017"})
	require.ErrorContains(t, err, "holds no captions_train2017.json or captions_val2017.json")
	_, err = Open(dir, Options{MaxBytes: 50})
	require.ErrorContains(t, err, "the limit is 50 (Options.MaxBytes)")
	_, err = Open(t.TempDir(), Options{})
	require.ErrorIs(t, err, fs.ErrNotExist)

	write(t, `{"images":[{"id":4,"file_name":"COCO_val2014_4.png"}],"annotations":[{"image_id":4,"caption":"x"}]}`, dir, "annotations", "captions_val2014.json")
	_, err = Open(dir, Options{})
	require.ErrorContains(t, err, `COCO_val2014_4.png is in the split "train", too`)

	write(t, good, dir, "annotations", "captions_train2017.json")
	_, err = Open(dir, Options{})
	require.ErrorContains(t, err, "holds captions of 2014 and 2017, which share their pictures: choose one by Options.Year")
	_, err = Open(dir, Options{Year: "2017"})
	require.ErrorContains(t, err, "there is no folder of pictures train2017 in")

	write(t, `{"images":[`, dir, "annotations", "captions_train2014.json")
	_, err = Open(dir, Options{Year: "2014"})
	require.ErrorContains(t, err, `captions_train2014.json: "images" after 0 entries: the file ends too early`)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(good))
	for _, s := range []string{
		file(`"a"`, "\"caf\xe9\""), file(`"x\ud800y"`, `""`), `{"images":[{"id":1,"file_name":"../a"}]}`, `{"x":[[{}]],"images":[],"annotations":[]}`,
		`{"annotations":[{"image_id":1,"caption":"x"}],"images":[{"id":1,"file_name":"a.jpg"}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, repair := range []bool{false, true} {
			o := Options{Text: caption.TextOptions{MaxCaption: 1000, Repair: repair}, MaxEntry: 4096, MaxBytes: 1 << 16}
			records, _, err := Read(io.Reader(bytes.NewReader(b)), o)
			if err != nil {
				continue
			}
			_, err = caption.NewSet("", records)
			require.NoError(t, err)
			for _, r := range records {
				for _, c := range r.Captions {
					require.LessOrEqual(t, len(c), 1000)
				}
			}
		}
	})
}
