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
	"github.com/gander-ml/gander/srgan/baseline"
	"github.com/gander-ml/gander/srgan/niqe"
	"github.com/gander-ml/gander/srgan/perception/photographs"
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
	quick               bool
}

// flags are what all commands take that enlarge and measure.
func (o *evalOptions) flags(flags *flag.FlagSet) {
	flags.Func("model", "weights `file`, or the name of embedded ones: "+modelNames()+"; may be given several times, as NAME=FILE to say what it is called. All embedded ones if not given", o.addModel)
	flags.StringVar(&o.features, "features", "", "measure the perceptual distance over the network in this `file`, not the embedded one")
	flags.StringVar(&o.niqe, "niqe", "", "measure NIQE by the model in this `file`, which \"srgan niqe\" has made, not by the embedded one")
	flags.BoolVar(&o.quick, "quick", false, "measure PSNR and SSIM only")
	flags.BoolVar(&o.ensemble, "ensemble", false, "enlarge eight turned and mirrored versions and take their mean")
}

type namedModel struct{ name, file string }

func (o *evalOptions) addModel(s string) error {
	m := namedModel{"model", s}
	if name, file, ok := strings.Cut(s, "="); ok {
		m = namedModel{name, file}
	} else if e := embeddedAs(s); e != nil {
		m.name = e.name
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
	Lattice    *float64 `json:"lattice,omitempty"`
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
	scale    int // whose lattice is looked for
}

func (o evalOptions) measures(scale int) (m measures, err error) {
	if o.quick {
		return m, nil
	}
	var net *vgg.VGG
	if o.features == "" {
		net, err = photographs.Open()
	} else {
		net, err = vgg.Load(o.features, vgg.Options{Taps: photographs.Taps()})
	}
	if err != nil {
		return m, err
	}
	m.features, m.scale = &srgan.Perceptual{Features: net}, scale
	if m.niqe = niqe.Photographs(); o.niqe != "" {
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

// leastFeatures is the side of the smallest picture that five blocks halve to a pixel.
const leastFeatures = 16

// add measures a picture y beside its original, by what it is large enough for.
func (m measures) add(r *row, y, hr *tensor.Tensor) error {
	if m.features != nil && min(y.Dim(0), y.Dim(1)) >= leastFeatures {
		d, err := m.features.Distance(y, hr)
		if err != nil {
			return err
		}
		r.Perceptual = &d
	}
	if m.niqe != nil {
		if d, err := m.niqe.Score(y); err == nil { // the only errors are that it has no patch, or none that is not flat
			r.NIQE = &d
		}
	}
	if m.scale != 0 {
		if d := srgan.Lattice(y, m.scale); !math.IsNaN(d) {
			r.Lattice = &d
		}
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
	if m.scale != 0 {
		parts = append(parts, fmt.Sprintf("lattice of %d×%d pixels in steps of 255", m.scale, m.scale))
	}
	return strings.Join(parts, "; ")
}

// own returns the models that are compared, and by how much they all enlarge.
func (o evalOptions) own() (methods []srgan.Method, scale int, err error) {
	if len(o.models) == 0 {
		for _, e := range embedded {
			o.models = append(o.models, namedModel{e.name, e.name})
		}
	}
	for _, m := range o.models {
		u, _, err := open(m.file)
		if err != nil {
			return nil, 0, err
		}
		if scale != 0 && u.Scale() != scale {
			return nil, 0, cli.Usage(fmt.Sprintf("%s enlarges by %d and the model before it by %d: they cannot be compared", m.file, u.Scale(), scale))
		}
		u.Ensemble, scale = o.ensemble, u.Scale()
		methods = append(methods, u.Method(m.name))
	}
	return methods, scale, nil
}

// all returns interpolation and the baselines, too, in front.
func (o evalOptions) all() (methods []srgan.Method, scale int, err error) {
	own, scale, err := o.own()
	if err != nil {
		return nil, 0, err
	}
	methods = []srgan.Method{srgan.Nearest(scale), srgan.Bicubic(scale)}
	if scale == baseline.Scale {
		networks, err := baseline.Methods()
		if err != nil {
			return nil, 0, err
		}
		methods = append(methods, networks...)
	}
	return append(methods, own...), scale, nil
}

func runEval(ctx context.Context, o evalOptions) error {
	methods, scale, err := o.all()
	if err != nil {
		return err
	}
	more, err := o.measures(scale)
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

// meanOf returns the mean over pictures, of one method. What was measured of some is the mean over these.
func meanOf(rows []row) row {
	n := float64(len(rows))
	m := row{Image: "mean", Method: rows[0].Method}
	for _, r := range rows {
		m.PSNR += r.PSNR / decibel(n)
		m.SSIM += r.SSIM / n
	}
	m.Perceptual = mean(rows, func(r row) *float64 { return r.Perceptual })
	m.NIQE = mean(rows, func(r row) *float64 { return r.NIQE })
	m.Lattice = mean(rows, func(r row) *float64 { return r.Lattice })
	return m
}

// mean returns the mean of a figure over the rows that have it, nil if none has.
func mean(rows []row, of func(row) *float64) *float64 {
	sum, n := 0.0, 0
	for _, r := range rows {
		if v := of(r); v != nil {
			sum += *v
			n++
		}
	}
	if n == 0 {
		return nil
	}
	sum /= float64(n)
	return &sum
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
		fmt.Fprintf(&line, " %11s", figure("%.4f", r.Perceptual))
	}
	if t.measures.niqe != nil {
		fmt.Fprintf(&head, " %8s", "NIQE")
		fmt.Fprintf(&line, " %8s", figure("%.2f", r.NIQE))
	}
	if t.measures.scale != 0 {
		fmt.Fprintf(&head, " %8s", "lattice")
		fmt.Fprintf(&line, " %8s", figure("%.2f", r.Lattice))
	}
	out := line.String() + "\n"
	if t.last == "" {
		out = head.String() + "\n" + out
	}
	t.last = r.Image
	_, err := io.WriteString(t.w, out)
	return err
}

// figure is a number, or a dash for one that was not measured.
func figure(format string, v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf(format, *v)
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
