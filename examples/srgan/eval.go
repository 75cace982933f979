package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/srgan/niqe"
	"github.com/gander-ml/gander/tensor"
)

var eval = cli.Command{
	Name:  "eval",
	Usage: "[flags] DIR",
	Help:  "Shrink every picture of a folder, enlarge it again, and compare it with the original.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o evalOptions
		o.flags(flags)
		flags.BoolVar(&o.asJSON, "json", false, "print one JSON object a line")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args, "DIR"); err != nil {
				return err
			}
			o.dir = args[0]
			return runEval(ctx, o)
		}
	},
}

type evalOptions struct {
	dir, features, niqe string
	models              []namedModel
	ensemble, asJSON    bool
}

// flags are what all commands take that enlarge and measure.
func (o *evalOptions) flags(flags *flag.FlagSet) {
	flags.Func("model", "weights `file`, or NAME=FILE to say what it is called; may be given several times. The embedded ones if not given", o.addModel)
	flags.StringVar(&o.features, "features", "", "also measure the perceptual distance over the network in this `file`")
	flags.StringVar(&o.niqe, "niqe", "", "also measure NIQE by the model in this `file`, which \"srgan niqe\" has made")
	flags.BoolVar(&o.ensemble, "ensemble", false, "enlarge eight turned and mirrored versions and take their mean")
}

type namedModel struct{ name, file string }

func (o *evalOptions) addModel(s string) error {
	m := namedModel{"model", s}
	if name, file, ok := strings.Cut(s, "="); ok {
		m = namedModel{name, file}
	} else if len(o.models) > 0 {
		m.name = strings.TrimSuffix(filepath.Base(s), filepath.Ext(s))
	}
	for _, other := range o.models {
		if other.name == m.name {
			return fmt.Errorf("two models are called %q; -model NAME=FILE gives names", m.name)
		}
	}
	o.models = append(o.models, m)
	return nil
}

// row is one line of the result, also as JSON. What was not measured is nil.
type row struct {
	Image      string   `json:"image"`
	Method     string   `json:"method"`
	PSNR       decibel  `json:"psnr_y"`
	SSIM       float64  `json:"ssim_y"`
	Perceptual *float64 `json:"perceptual,omitempty"`
	NIQE       *float64 `json:"niqe,omitempty"`
}

// decibel is infinite for equal pictures, which JSON writes as null.
type decibel float64

func (d decibel) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(d), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(d))
}

// table prints rows as they come; those of the mean are the last.
type table interface{ add(row) error }

// measures are what a picture is measured by besides PSNR and SSIM; nil is not.
type measures struct {
	features *srgan.Perceptual
	niqe     *niqe.Model
}

func (o evalOptions) measures() (m measures, err error) {
	if o.features != "" {
		net, err := vgg.Load(o.features, vgg.Options{Taps: []vgg.Tap{{Block: 1, Conv: 2}, {Block: 2, Conv: 2}, {Block: 3, Conv: 4}, {Block: 4, Conv: 4}, {Block: 5, Conv: 4}}})
		if err != nil {
			return m, err
		}
		m.features = &srgan.Perceptual{Features: net}
	}
	if o.niqe != "" {
		f, err := os.Open(o.niqe)
		if err != nil {
			return m, err
		}
		defer f.Close()
		if m.niqe, err = niqe.Read(f); err != nil {
			return m, fmt.Errorf("%s: %w", o.niqe, err)
		}
	}
	return m, nil
}

// add measures a picture y beside its original.
func (m measures) add(r *row, y, hr *tensor.Tensor) error {
	if m.features != nil {
		d, err := m.features.Distance(y, hr)
		if err != nil {
			return err
		}
		r.Perceptual = &d
	}
	if m.niqe != nil {
		d, err := m.niqe.Score(y)
		if err != nil {
			return err
		}
		r.NIQE = &d
	}
	return nil
}

// describe says what the columns mean.
func (m measures) describe(scale int) string {
	parts := []string{srgan.Benchmark(scale).String()}
	if m.features != nil {
		parts = append(parts, m.features.Name())
	}
	if m.niqe != nil {
		parts = append(parts, fmt.Sprintf("NIQE fitted on %d photographs", m.niqe.Photos))
	}
	return strings.Join(parts, "; ")
}

// methods returns the ways to enlarge that are compared, and by how much they all do.
func (o evalOptions) methods() (methods []srgan.Method, scale int, err error) {
	if len(o.models) == 0 {
		o.models = []namedModel{{}}
	}
	for _, m := range o.models {
		u, name, err := open(m.file)
		if err != nil {
			return nil, 0, err
		}
		if m.name != "" {
			name = m.name
		}
		if scale != 0 && u.Scale() != scale {
			return nil, 0, cli.Usage(fmt.Sprintf("%s enlarges by %d and the model before it by %d: they cannot be compared", m.file, u.Scale(), scale))
		}
		u.Ensemble, scale = o.ensemble, u.Scale()
		methods = append(methods, u.Method(name))
	}
	return append([]srgan.Method{srgan.Nearest(scale), srgan.Bicubic(scale)}, methods...), scale, nil
}

func runEval(ctx context.Context, o evalOptions) error {
	methods, scale, err := o.methods()
	if err != nil {
		return err
	}
	more, err := o.measures()
	if err != nil {
		return err
	}
	files, err := data.ImageFiles(o.dir)
	if err != nil {
		return err
	}
	var t table = &textTable{w: os.Stdout, about: more.describe(scale), measures: more}
	if o.asJSON {
		t = jsonTable{json.NewEncoder(os.Stdout)}
	}
	means := make([][]row, len(methods)+1)
	for _, file := range files {
		m, err := data.LoadImage(file)
		if err != nil {
			return err
		}
		scores, pictures, err := srgan.Evaluate(ctx, m.RGB(), scale, methods...)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		var rows []row
		for i, s := range scores {
			r := row{Image: filepath.Base(file), Method: s.Method, PSNR: decibel(s.PSNR), SSIM: s.SSIM}
			if err := more.add(&r, pictures.Enlarged[i], pictures.HR); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			rows = append(rows, r)
		}
		if more.niqe != nil { // an original has a NIQE, too
			r := row{Image: filepath.Base(file), Method: "original", PSNR: decibel(math.Inf(1)), SSIM: 1}
			if err := more.add(&r, pictures.HR, pictures.HR); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			rows = append(rows, r)
		}
		for i, r := range rows {
			if err := t.add(r); err != nil {
				return err
			}
			means[i] = append(means[i], r)
		}
	}
	for _, rows := range means {
		if len(rows) > 0 {
			if err := t.add(meanOf(rows)); err != nil {
				return err
			}
		}
	}
	return nil
}

// meanOf returns the mean over pictures, of one method.
func meanOf(rows []row) row {
	n := float64(len(rows))
	m := row{Image: "mean", Method: rows[0].Method}
	sum := func(to **float64, v *float64) {
		if v != nil {
			if *to == nil {
				*to = new(float64)
			}
			**to += *v / n
		}
	}
	for _, r := range rows {
		m.PSNR += r.PSNR / decibel(n)
		m.SSIM += r.SSIM / n
		sum(&m.Perceptual, r.Perceptual)
		sum(&m.NIQE, r.NIQE)
	}
	return m
}

type jsonTable struct{ out *json.Encoder }

func (t jsonTable) add(r row) error { return t.out.Encode(r) }

type textTable struct {
	w        io.Writer
	about    string
	measures measures
	last     string
}

func (t *textTable) add(r row) error {
	var head, line strings.Builder
	fmt.Fprintf(&head, "%s\n\n%-24s %-12s %10s %8s", t.about, "image", "method", "PSNR (dB)", "SSIM")
	image := r.Image
	if image == t.last {
		image = ""
	}
	fmt.Fprintf(&line, "%-24s %-12s %10.2f %8.4f", image, r.Method, r.PSNR, r.SSIM)
	if t.measures.features != nil {
		fmt.Fprintf(&head, " %11s", "perceptual")
		fmt.Fprintf(&line, " %11.4f", *r.Perceptual)
	}
	if t.measures.niqe != nil {
		fmt.Fprintf(&head, " %8s", "NIQE")
		fmt.Fprintf(&line, " %8.2f", *r.NIQE)
	}
	out := line.String() + "\n"
	if t.last == "" {
		out = head.String() + "\n" + out
	}
	t.last = r.Image
	_, err := io.WriteString(t.w, out)
	return err
}

var niqeCommand = cli.Command{
	Name:  "niqe",
	Usage: "-out FILE DIR",
	Help:  "Fit NIQE, a measure that needs no original, on the undistorted photographs of a folder, for \"srgan eval -niqe FILE\".",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		out := flags.String("out", "", "`file` to write")
		patch := flags.Int("patch", 0, "side of the patches in `pixels`, even; 0 means 96")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args, "DIR"); err != nil {
				return err
			}
			if *out == "" || *patch < 0 || *patch%2 != 0 {
				return cli.Usage("-out is needed, and -patch must be even")
			}
			return fitNIQE(args[0], *out, *patch)
		}
	},
}

func fitNIQE(dir, out string, patch int) error {
	if _, err := os.Stat(out); err == nil {
		return fmt.Errorf("%s exists already", out)
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	photos, err := loadPhotos(dir)
	if err != nil {
		return err
	}
	m, err := niqe.Fit(photos, niqe.Options{Patch: patch})
	if err != nil {
		return err
	}
	fmt.Printf("fitted on %d patches of %d photographs\n", m.Patches, m.Photos)
	return atomicfile.Write(out, m.Write)
}
