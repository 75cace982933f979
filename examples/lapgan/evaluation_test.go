package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/lapgan"
	"github.com/stretchr/testify/require"
)

// folder makes pictures of 16×16 in folders of five classes, two of them kinds of red.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 1))
	for class, c := range map[string]color.RGBA{
		"red-dark": {120, 0, 0, 255}, "red-light": {255, 60, 60, 255}, "green": {0, 200, 0, 255}, "blue": {0, 0, 255, 255}, "grey": {128, 128, 128, 255},
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, class), 0o755))
		for i := range 30 {
			m := image.NewRGBA(image.Rect(0, 0, 16, 16))
			for k := range 16 * 16 {
				x := c
				x.R += uint8(rng.IntN(8)) / 2
				m.SetRGBA(k%16, k/16, x)
			}
			var b bytes.Buffer
			require.NoError(t, png.Encode(&b, m))
			require.NoError(t, os.WriteFile(filepath.Join(dir, class, fmt.Sprintf("%d.png", i)), b.Bytes(), 0o644))
		}
	}
	return dir
}

// A pyramid with a level of one's own, trained at all levels at once and chosen by FID, and a plain GAN are measured side by
// side, and shown to people.
func TestPyramidAgainstPlainGAN(t *testing.T) {
	data, dir := folder(t), t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	from := []string{"-data", data, "-classes", "red=red-*,green,blue"}
	run := func(c cli.Command, args ...string) {
		t.Helper()
		require.NoError(t, call(t, c, append(from, args...)...))
	}

	run(evalCommand, "-side", "16", "-judge", in("judge"), "-judge-steps", "2")
	small := []string{"-batch", "8", "-steps", "2", "-width", "4", "-judge", in("judge"), "-choose", "fid"}
	run(trainCommand, append(small, "-out", in("pyramid"), "-sizes", "4,8,16", "-levels", "deep,custom,deep", "-together", "3", "-half",
		"-preset", "small", "-disturb", "0.1")...)
	run(trainCommand, append(small, "-out", in("gan"), "-preset", "gan", "-sizes", "16")...)
	run(evalCommand, "-judge", in("judge"), "-n", "4", "-draws", "2", "-samples", "20", "-known", in("pyramid"), in("gan"))

	p, names, err := openRun(in("pyramid"), false)
	require.NoError(t, err)
	require.Equal(t, []string{"red", "green", "blue"}, names)
	require.IsType(t, &Etcher{}, p.Levels[1])
	require.IsType(t, &lapgan.Deep{}, p.Levels[2])
	require.NoError(t, call(t, paintCommand, "-run", in("pyramid"), "-n", "2", in("paint.png")))
	require.NoError(t, call(t, paintCommand, "-run", in("gan"), "-n", "2", "-class", "blue", in("paint.png")))

	run(humanCommand, in("page.html"), "LAPGAN="+in("pyramid"), "GAN="+in("gan"))
	page, err := os.ReadFile(in("page.html"))
	require.NoError(t, err)
	require.Equal(t, 33, bytes.Count(page, []byte(`"Exposure":`)), "eleven of each of three sources")
	require.NoError(t, os.WriteFile(in("a.csv"), []byte("trial,source,exposure_ms,answer\n0,real,50,real\n1,GAN,50,fake\n"), 0o644))
	require.NoError(t, call(t, answersCommand, in("a.csv"), in("a.csv")))
	require.ErrorContains(t, call(t, answersCommand, in("page.html")), "page.html")

	require.ErrorContains(t, call(t, evalCommand, "-data", data, in("gan")), `trained on the classes ["red" "green" "blue"]`)
	require.ErrorContains(t, call(t, humanCommand, in("page.html"), "GAN="+in("gan")), "drawn shapes")
	var usage cli.Usage
	for _, args := range [][]string{{"page.html"}, {"page.html", "real=" + in("gan")}, {"page.html", in("gan")}} {
		require.ErrorAs(t, call(t, humanCommand, args...), &usage)
	}
	require.ErrorAs(t, call(t, evalCommand), &usage)
}

func TestRatesArePrinted(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, printRates(&b, lapgan.Rates([]lapgan.Answer{{Source: "GAN", Exposure: 50}, {Source: "GAN", Exposure: 50, Real: true}})))
	require.Equal(t, "source  exposure  judged real  95 %         answers\n"+
		"GAN     all       50.0 %       9.5 to 90.5  2\n"+
		"GAN     50 ms     50.0 %       9.5 to 90.5  2\n", b.String())
}

func TestClassesAreChosen(t *testing.T) {
	classes := []string{"cat", "dog", "owl", "duck"}
	g, err := parseClasses("cat, birds=owl|du*", classes)
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "birds"}, g.names)
	require.Equal(t, map[int]int{0: 0, 2: 1, 3: 1}, g.of)
	for _, bad := range []string{"cow", "cat,c*", "[", "birds=owl|"} {
		_, err := parseClasses(bad, classes)
		var usage cli.Usage
		require.ErrorAs(t, err, &usage, bad)
	}
}

// What was not measured, and what the paper does not tell, are dashes.
func TestTable(t *testing.T) {
	figure := func(v, s float64) *metric.Figure { return &metric.Figure{Value: v, Spread: s} }
	var b bytes.Buffer
	require.NoError(t, printTable(&b, []row{
		{name: "held-out pictures", recognised: figure(0.75, 0)},
		{name: "runs/a", parameters: 12, factorised: figure(-1234.5, 6), joint: figure(-3210, 7), fid: figure(12.34, 0), recognised: figure(0.5, 0)},
	}, "CIFAR-10"))
	require.Equal(t, "run                parameters  ln p, factorised  ln p, joint  FID   recognised\n"+
		"held-out pictures  –           –                 –            –     75.0 %\n"+
		"runs/a             12          -1234 ± 6         -3210 ± 7    12.3  50.0 %\n"+
		"paper: GAN         –           –                 -3617 ± 353  –     –\n"+
		"paper: LAPGAN      –           -1799 ± 826       –            –     –\n", b.String())
}

// Likelihoods are of pictures that were held out, or it is said that they may not have been.
func TestHeldOutIsChecked(t *testing.T) {
	dir := t.TempDir()
	level := filepath.Join(dir, "level-8")
	require.NoError(t, os.Mkdir(level, 0o755))
	require.False(t, heldOut(dir, "a/exact.bin"))
	for text, want := range map[string]bool{`{"config":{"held":"b/exact.bin"}}`: true, `{"config":{"held":""}}`: false, `{`: false} {
		require.NoError(t, os.WriteFile(filepath.Join(level, "run.json"), []byte(text), 0o644))
		require.Equal(t, want, heldOut(dir, "a/exact.bin"), text)
	}
	c := candidate{name: dir, pyramid: lapgan.Pyramid{Norm: lapgan.SignedNorm(3)}}
	d := candidate{name: "other", pyramid: lapgan.Pyramid{Norm: lapgan.WhiteNorm(3)}}
	notes := strings.Join(evalOptions{n: 2, source: source{held: "exact.bin"}}.notes([]candidate{c, d}), "\n")
	require.Contains(t, notes, "may have learnt")
	require.Contains(t, notes, "cannot be compared")
	require.Empty(t, evalOptions{}.notes([]candidate{c, d}))
}
