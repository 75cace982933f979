package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/srgan/perception/photographs"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// emaDecay of the network that is measured, shown and saved.
const emaDecay = 0.999

// phase is one training: all there is of most variants, and one of two for those that begin with an SRResNet of their own.
type phase struct {
	trainOptions
	patches  *srgan.Patches
	shown    []*tensor.Tensor
	features *vgg.VGG // nil if pixels are compared
}

func runTrain(ctx context.Context, o trainOptions) error {
	first := filepath.Join(o.out, "pretrain")
	started := holdsRun(o.out) || holdsRun(first)
	if started && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", o.out)
	} else if o.resume && !started {
		return fmt.Errorf("%s holds no run to resume", o.out)
	}
	photos, err := loadPhotos(o.data)
	if err != nil {
		return err
	}
	p := phase{trainOptions: o, shown: photos}
	if p.patches, err = srgan.NewPatches(photos, o.patch); err != nil {
		return fmt.Errorf("%s: %w", o.data, err)
	}
	if o.val != "" {
		if p.shown, err = loadPhotos(o.val); err != nil {
			return err
		}
	}
	if _, ok := o.variant.Tap(); ok {
		if err := p.loadFeatures(); err != nil {
			return err
		}
	}
	lead := p
	lead.out, lead.variant, lead.features, lead.pixels = first, srgan.SRResNetMSE, nil, 0
	twoPhases := o.variant.Adversarial() && o.init == ""
	if p.steps, lead.steps, err = p.updates(ctx, lead, twoPhases); err != nil {
		return err
	}
	if twoPhases {
		if !holdsRun(o.out) {
			fmt.Fprintf(os.Stderr, "srgan: first %v, %d updates, in %s\n", lead.variant, lead.steps, first)
			if err := lead.play(ctx); err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "srgan: now %v, %d updates, in %s\n", p.variant, p.steps, p.out)
		}
		p.init = filepath.Join(first, modelName)
	}
	return p.play(ctx)
}

// loadFeatures reads the network whose features are compared.
func (p *phase) loadFeatures() (err error) {
	if p.trainOptions.features != "" {
		p.features, err = vgg.Load(p.trainOptions.features, vgg.Options{Taps: p.taps})
		return err
	}
	p.features, err = photographs.Open(p.taps...)
	if err == nil {
		fmt.Fprintf(os.Stderr, "srgan: without -features, %s stands in for VGG19\n", p.features.Name())
		if p.scale == 0 {
			p.scale = photographs.Scale
		}
	}
	return err
}

const modelName = "model.safetensors"

func holdsRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "run.json"))
	return !errors.Is(err, fs.ErrNotExist)
}

// newNetwork returns the untrained network that the flags describe, or says why there is none.
func (o trainOptions) newNetwork() (srgan.Network, error) {
	rng := rand.New(rand.NewPCG(o.seed, 0))
	switch o.arch {
	case "srresnet":
		if err := o.net.Check(); err != nil {
			return nil, err
		}
		return srgan.NewSRResNet(o.net, rng), nil
	case "srcnn":
		net := srgan.SRCNNOptions{Scale: o.net.Scale}
		if err := net.Check(); err != nil {
			return nil, err
		}
		return srgan.NewSRCNN(net, rng), nil
	case "espcn":
		net := srgan.ESPCNOptions{Scale: o.net.Scale}
		if err := net.Check(); err != nil {
			return nil, err
		}
		return srgan.NewESPCN(net, rng), nil
	}
	return nil, fmt.Errorf("-net is srresnet, srcnn or espcn, not %q", o.arch)
}

// players returns the network and who trains it, the network's own player last, and what it is trained for.
func (p phase) players() (srgan.Network, []train.Player[srgan.Pair], map[string]string, error) {
	g, err := p.newNetwork()
	if err != nil {
		return nil, nil, nil, err
	}
	if p.init != "" {
		if err := checkpoint.Load(g, p.init); err != nil {
			return nil, nil, nil, err
		}
	}
	if p.grow != "" {
		if g, err = p.grown(); err != nil {
			return nil, nil, nil, err
		}
	}
	opt := srgan.PaperAdam(p.variant, p.steps)
	opt.Rate = p.rate
	if p.cosine {
		opt.Schedule = optim.Cosine{Over: p.steps, Floor: 0.01}
	}
	if p.warmUp > 0 {
		warm := optim.Linear{From: 1 / float64(p.warmUp), To: 1, Over: p.warmUp}
		opt.Schedule = optim.Product{warm, or(opt.Schedule, optim.Constant(1))}
	}
	game := srgan.Game{Variant: p.variant, Generator: g, TV: p.tv, Pixels: p.pixels, Lattice: p.lattice}
	if p.features != nil {
		game.Content = srgan.FeatureLoss{Features: p.features, Scale: p.scale}
	}
	if p.variant.Adversarial() {
		game.Adversarial = p.adversarial
		game.Discriminator = srgan.NewDiscriminator(srgan.DiscriminatorOptions{Height: p.patch.Size, Channels: p.critic, NoNorm: p.criticNoNorm},
			rand.New(rand.NewPCG(p.seed, 1)))
	}
	players, facts := game.Players(opt), game.Facts()
	if p.variant == srgan.SRResNetMSE && p.loss == "l1" {
		players, facts["content"] = []train.Player[srgan.Pair]{srgan.L1(g, opt)}, "l1"
	}
	generator := &players[len(players)-1]
	if p.variant.Adversarial() {
		critic, waits := opt, opt
		if p.criticRate > 0 {
			critic.Rate = p.criticRate
		}
		if p.criticFirst > 0 {
			waits.Schedule = optim.Delay{Over: p.criticFirst, Then: opt.Schedule}
		}
		players[0].Opt, generator.Opt = critic, waits
	}
	generator.EMA, generator.Clip = emaDecay, optim.Clip{Norm: p.clip}
	return g, players, facts, nil
}

// grown returns the network that the flags describe, grown from a smaller one.
func (p phase) grown() (srgan.Network, error) {
	from, err := srgan.OpenFile(p.grow)
	if err != nil {
		return nil, err
	}
	small, ok := from.Generator().(*srgan.SRResNet)
	if !ok {
		return nil, fmt.Errorf("%s holds no srresnet to grow from", p.grow)
	}
	return srgan.Grow(small, p.net, rand.New(rand.NewPCG(p.seed, 0)))
}

// or returns the schedule, or another where there is none.
func or(s, other optim.Schedule) optim.Schedule {
	if s == nil {
		return other
	}
	return s
}

// play trains to the end.
func (p phase) play(ctx context.Context) error {
	g, players, facts, err := p.players()
	if err != nil {
		return err
	}
	config := map[string]string{
		"data": p.data, "patches": fmt.Sprintf("%+v", p.patch), "net": fmt.Sprintf("%s %+v", p.arch, p.net), "init": p.init,
	}
	if p.grow != "" {
		config["grow"] = p.grow
	}
	for k, v := range facts {
		config[k] = v
	}
	run := train.Run{
		Dir: p.out, Steps: p.steps, Seed: p.seed, Shards: p.shards, CheckpointEvery: p.checkpointEvery, Config: config,
		Sample: func(v *train.View) (image.Image, error) { return sample(ctx, train.Average(v, g), p.shown) },
		Export: func(v *train.View) error {
			average := train.Average(v, g)
			m := srgan.Manifest(average, v.Step)
			m.Facts = facts
			save := checkpoint.Save
			if p.half {
				save = checkpoint.SaveHalf
			}
			return save(filepath.Join(v.Dir, modelName), average, m)
		},
	}
	if p.val != "" {
		run.Eval = func(v *train.View) (map[string]float64, error) { return p.measure(ctx, train.Average(v, g)) }
	}
	return train.Play(ctx, run, players, p.patches)
}

// loadPhotos reads every picture of a folder as (H,W,3).
func loadPhotos(dir string) ([]*tensor.Tensor, error) {
	files, err := data.ImageFiles(dir)
	if err != nil {
		return nil, err
	}
	var photos []*tensor.Tensor
	for _, f := range files {
		m, err := data.LoadImage(f)
		if err != nil {
			return nil, err
		}
		photos = append(photos, m.RGB())
	}
	return photos, nil
}

// measure returns the mean Y-PSNR over the photographs, of the network and of bicubic interpolation, and their distance from
// the originals by the features if those are compared.
func (p phase) measure(ctx context.Context, g srgan.Network) (map[string]float64, error) {
	u := srgan.NewUpscaler(g)
	out := map[string]float64{}
	for _, photo := range p.shown {
		scores, pictures, err := srgan.Evaluate(ctx, photo, u.Scale(), srgan.Bicubic(u.Scale()), u.Method("network"))
		if err != nil {
			return nil, err
		}
		for i, s := range scores {
			out["psnr_y/"+s.Method] += s.PSNR / float64(len(p.shown))
			if p.features != nil {
				d, err := srgan.Perceptual{Features: p.features}.Distance(pictures.Enlarged[i], pictures.HR)
				if err != nil {
					return nil, err
				}
				out["perceptual/"+s.Method] += d / float64(len(p.shown))
			}
		}
	}
	return out, nil
}

// sample shows the middles of the first photographs: bicubic, the network, and the original.
func sample(ctx context.Context, g srgan.Network, photos []*tensor.Tensor) (image.Image, error) {
	const side = 160
	u := srgan.NewUpscaler(g)
	grid := imaging.Grid{Columns: 3, ColumnLabels: []string{"bicubic", "network", "original"}}
	var cells []*tensor.Tensor
	for _, p := range photos[:min(4, len(photos))] {
		h, w := min(side, p.Dim(0)), min(side, p.Dim(1))
		y, x := (p.Dim(0)-h)/2, (p.Dim(1)-w)/2
		crop := imaging.Crop(p, image.Rect(x, y, x+w, y+h))
		_, pictures, err := srgan.Evaluate(ctx, crop, u.Scale(), srgan.Bicubic(u.Scale()), u.Method("network"))
		if err != nil {
			return nil, err
		}
		cells = append(cells, pictures.Enlarged[0], pictures.Enlarged[1], pictures.HR)
	}
	return grid.Compose(cells...).ToImage(), nil
}
