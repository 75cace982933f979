package captions

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/torch7"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// parsed returns the flags of data as a command has them.
func parsed(t *testing.T, args ...string) *Flags {
	t.Helper()
	var d Flags
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	d.Define(flags, "coloured shapes", 4000)
	require.NoError(t, flags.Parse(args))
	return &d
}

func put(t *testing.T, text string, parts ...string) {
	t.Helper()
	path := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// stripes saves a picture of 8×4 pixels that is darker at both ends than in the middle square.
func stripes(t *testing.T, parts ...string) {
	t.Helper()
	x := tensor.Full(0.9, 4, 8, 3)
	for i := range 4 {
		for _, j := range []int{0, 1, 6, 7} {
			for c := range 3 {
				x.Set(0.1, i, j, c)
			}
		}
	}
	path := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, imaging.Save(path, &imaging.Image{Pixels: x}, imaging.EncodeOptions{}))
}

// sets writes a small data set of each format, of three pictures to learn from and one that is held out.
var sets = map[string]func(t *testing.T, dir string){
	formatJSONL: func(t *testing.T, dir string) {
		var lines string
		for i, split := range []string{"train", "train", "train", "test"} {
			stripes(t, dir, fmt.Sprintf("%d.png", i))
			lines += fmt.Sprintf(`{"file":"%d.png","class":"%d","split":%q,"captions":["picture %d","птица"]}`+"\n", i, i, split, i)
		}
		put(t, lines, dir, "captions.jsonl")
	},
	formatCUB: func(t *testing.T, dir string) {
		for i, class := range []string{"001.Owl", "002.Jay", "003.Tit", "004.Emu"} {
			stripes(t, dir, "images", class, "1.png")
			put(t, fmt.Sprintf("picture %d\nanother\n", i), dir, "text_c10", class, "1.txt")
		}
		put(t, `{"file":"images/001.Owl/1.png","bbox":[3,1,2,1]}{"file":"images/002.Jay/1.png","bbox":[3,1,2,1]}
			{"file":"images/003.Tit/1.png","bbox":[3,1,2,1]}{"file":"images/004.Emu/1.png","bbox":[3,1,2,1]}`, dir, "captions.jsonl")
		put(t, "001.Owl\n002.Jay\n003.Tit\n", dir, "trainclasses.txt")
		put(t, "004.Emu\n", dir, "testclasses.txt")
	},
	formatFlowers: func(t *testing.T, dir string) {
		var lines string
		for i, class := range []string{"iris", "rose", "tulip", "lily"} {
			stripes(t, dir, fmt.Sprintf("%d.png", i))
			lines += fmt.Sprintf(`{"file":"%d.png","class":%q,"captions":["picture %d","another"]}`+"\n", i, class, i)
		}
		put(t, lines, dir, "captions.jsonl")
		put(t, "iris\nrose\ntulip\n", dir, "trainclasses.txt")
		put(t, "lily\n", dir, "testclasses.txt")
	},
	formatCOCO: func(t *testing.T, dir string) {
		for split, ids := range map[string][]int{"train": {0, 1, 2}, "val": {3}} {
			var images, notes []string
			for _, i := range ids {
				stripes(t, dir, split+"2014", fmt.Sprintf("%d.png", i))
				images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"%[1]d.png"}`, i))
				notes = append(notes, fmt.Sprintf(`{"image_id":%d,"caption":"picture %[1]d"},{"image_id":%[1]d,"caption":"another"}`, i))
			}
			put(t, fmt.Sprintf(`{"images":[%s],"annotations":[%s]}`, strings.Join(images, ","), strings.Join(notes, ",")),
				dir, "annotations", "captions_"+split+"2014.json")
		}
	},
}

func TestEveryFormatIsRead(t *testing.T) {
	for format, make := range sets {
		dir := filepath.Join(t.TempDir(), "set")
		make(t, dir)
		d := parsed(t, "-data", dir, "-format", format)
		require.NoError(t, d.Check())
		c, err := d.Load(16)
		require.NoError(t, err, format)
		require.Equal(t, "set", c.Name)
		require.Equal(t, 3, c.Learn.Len(), format)
		require.Equal(t, 1, c.Held.Len(), format)
		require.Equal(t, "picture 3", c.Held.Captions[0][0], format)
		corner := c.Learn.Images.Pixels[0]
		if format == formatJSONL {
			require.Greater(t, corner, uint8(200), "the middle square")
		} else {
			require.Less(t, corner, uint8(60), "all of the picture")
		}
		for _, l := range c.Learn.Images.Labels {
			require.True(t, format == formatCOCO || l != c.Held.Images.Labels[0])
		}
		d = parsed(t, "-data", dir, "-format", format, "-cut", "middle", "-most", "2")
		c, err = d.Load(16)
		require.NoError(t, err)
		require.Equal(t, 2, c.Learn.Len())
		require.Greater(t, c.Learn.Images.Pixels[0], uint8(200))
	}
}

func TestBoxesAndClassesHeldOut(t *testing.T) {
	dir := t.TempDir()
	sets[formatCUB](t, dir)
	c, err := parsed(t, "-data", dir, "-format", "cub", "-cut", "box").Load(16)
	require.NoError(t, err)
	for _, p := range c.Learn.Images.Pixels {
		require.Greater(t, p, uint8(200), "only what is around the box")
	}
	put(t, "002.Jay\n003.Tit\n", dir, "a.txt")
	put(t, "001.Owl\n004.Emu\n", dir, "b.txt")
	c, err = parsed(t, "-data", dir, "-format", "cub", "-train-classes", filepath.Join(dir, "a.txt"), "-test-classes", filepath.Join(dir, "b.txt")).Load(16)
	require.NoError(t, err)
	require.Equal(t, 2, c.Held.Len())
	put(t, "001.Owl\n003.Tit\n004.Emu\n", dir, "b.txt")
	_, err = parsed(t, "-data", dir, "-format", "cub", "-train-classes", filepath.Join(dir, "a.txt"), "-test-classes", filepath.Join(dir, "b.txt")).Load(16)
	require.ErrorContains(t, err, `class "003.Tit" is both to learn from and held out`)
	require.NoError(t, os.Remove(filepath.Join(dir, "testclasses.txt")))
	c, err = parsed(t, "-data", dir, "-format", "cub", "-held-out", "2").Load(16)
	require.NoError(t, err)
	require.Equal(t, 2, c.Held.Len())
}

func TestBrokenCaptionsAreErrors(t *testing.T) {
	dir := t.TempDir()
	sets[formatCUB](t, dir)
	for text, want := range map[string]string{
		"a\nb\xff":                   "1.txt: line 2: byte 2 is not UTF-8 (0xff): save the file as UTF-8, or set TextOptions.Repair (-repair)",
		"\n":                         "1.txt: holds no captions",
		strings.Repeat("x", 100_000): "1.txt: line 1: has 100000 bytes, the limit is 65536 (TextOptions.MaxCaption)",
	} {
		put(t, text, dir, "text_c10", "002.Jay", "1.txt")
		_, err := parsed(t, "-data", dir, "-format", "cub").Load(16)
		require.ErrorContains(t, err, want)
	}
	put(t, "a\nb\xff", dir, "text_c10", "002.Jay", "1.txt")
	c, err := parsed(t, "-data", dir, "-format", "cub", "-repair").Load(16)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, c.Learn.Captions[1])
}

func TestFlagsOfDataThatMakeNoSense(t *testing.T) {
	for args, want := range map[string]string{
		"-data x -format cup":                      `no format "cup"; there are jsonl, cub, flowers, coco`,
		"-format coco":                             "-format coco needs -data, the folder with it",
		"-data x -cut box":                         "-cut box is for -format cub, not jsonl",
		"-data x -format flowers -cut box":         "-cut box is for -format cub, not flowers",
		"-data x -cut top":                         `-cut is middle, whole or box, not "top"`,
		"-data x -format cub -field crop64":        "-field is for -format jsonl, not cub",
		"-data x -format coco -held-out 3":         "-held-out is for -format cub or flowers, not coco",
		"-data x -format cub -held-out -3":         "-held-out must not be negative",
		"-data x -format cub -train-classes a":     "-train-classes and -test-classes go together",
		"-data x -captions y":                      "-captions is for -format cub or flowers, not jsonl",
		"-data x -format cub -year 2014":           "-year is for -format coco, not cub",
		"-data x -repair":                          "-repair is for -format cub or flowers or coco, not jsonl",
		"-data x -train-classes a -test-classes b": "-train-classes is for -format cub or flowers, not jsonl",
		"-drawn 5": "-drawn must be at least 100",
		"-most 1":  "-most must be at least 2",
	} {
		require.ErrorContains(t, parsed(t, strings.Fields(args)...).Check(), want, args)
	}
	for _, args := range []string{"", "-data x -field crop64", "-data x -format cub -cut box -repair", "-data x -format coco -year 2014"} {
		require.NoError(t, parsed(t, strings.Fields(args)...).Check(), args)
	}
}

// TestPublishedLettersAreThoseOfTheEncoder: package torch7 lies below that of the encoder and has the alphabet on its own.
func TestPublishedLettersAreThoseOfTheEncoder(t *testing.T) {
	require.Equal(t, charcnnrnn.Alphabet, torch7.Alphabet)
	require.Equal(t, charcnnrnn.Length, torch7.Letters)
}

func TestRealSets(t *testing.T) {
	root := os.Getenv("GANDER_DATA")
	if root == "" {
		t.Skip("GANDER_DATA is not set")
	}
	for _, c := range []struct {
		args        string
		learn, held int
	}{
		{"-format cub -data cub10", 275, 160}, {"-format cub -data cub10 -cut box", 275, 160}, {"-format jsonl -data cub10 -field crop64", 275, 160},
		{"-format flowers -data flowers12", 720, 240},
	} {
		args := strings.Fields(c.args)
		args[3] = filepath.Join(root, "txt2img", args[3])
		got, err := parsed(t, args...).Load(16)
		require.NoError(t, err)
		require.Equal(t, c.learn, got.Learn.Len())
		require.Equal(t, c.held, got.Held.Len())
	}
}
