package charcnnrnn

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Names of the files that [Train] writes in the folder of its run.
const (
	EncoderFile = "encoder.safetensors"
	PairFile    = "pair.safetensors"
)

// Training is how [Train] makes encoders. The zero value is the published recipe, but for the encoder of pictures, which learns
// together with that of captions.
type Training struct {
	Encoder Options
	Image   ImageOptions // its Out is that of Encoder

	Batch     int             // pictures in a batch; 0 means 40
	ByPicture bool            // other pictures are wrong ones, whatever their class
	NoMirror  bool            // pictures are not mirrored
	Reword    float64         // how often a caption is put in other words, see [Reworder]
	Opt       optim.Optimizer // nil means [RMSProp]
	Epoch     int             // updates between two steps of its rate; 0 means the number of classes, or of batches with ByPicture
	EMA       float64         // decay of averages of the parameters, which are what is kept then; 0 means none

	// An encoder of pictures that knows nothing and one of captions that knows nothing learn slowly from each other. So the run
	// may have stages before it, in sub-folders: "image", with ClassifierSteps updates in which the encoder of pictures learns to
	// tell classes apart, and then "features", with FeatureSteps updates in which captions are trained against its features.
	ClassifierSteps, FeatureSteps int
	// Frozen leaves the encoder of pictures as the stage "image" makes it, as in the paper: the run itself is of captions
	// against features of ten views. Otherwise both encoders learn in it.
	Frozen bool

	Facts map[string]string // kept in the files
}

// Train trains encoders of captions and pictures. The run logs how well they do on up to 200 of the pictures and on as many of
// heldOut, which may be nil: "seen" and "unseen" are the shares of pictures that find their own captions among 20 (or as many
// as there are pictures, if that is less), and "zero-shot" and "ap" are those of [ZeroShot] for the classes of heldOut. It
// writes both encoders to [PairFile] and that of captions alone to [EncoderFile] in run.Dir, at every checkpoint. Hooks of run
// that are not nil are kept. It returns what was trained.
func Train(ctx context.Context, run train.Run, t Training, pictures, heldOut *caption.Pictures) (*Pair, error) {
	t.Image.Out = t.Encoder.withDefaults().Out
	if err := t.Encoder.Check(); err != nil {
		return nil, err
	}
	if err := t.Image.Check(); err != nil {
		return nil, err
	}
	if t.Frozen && t.ClassifierSteps == 0 {
		return nil, errors.New("charcnnrnn: an encoder of pictures that stays as it is (Frozen) has to be trained before (ClassifierSteps)")
	}
	rng := data.Stream(run.Seed, 0)
	pair := &Pair{Text: New(t.Encoder, rng), Image: NewImage(t.Image, rng)}
	side := pair.Image.Options.Size

	o := SamplerOptions{
		Batch: t.Batch, Length: pair.Text.Options.Length, ByPicture: t.ByPicture, Size: side, NoMirror: t.NoMirror, Reword: t.Reword,
	}
	sampler, err := NewSampler(pictures, o)
	if err != nil {
		return nil, err
	}
	if run.Eval == nil {
		if run.Eval, err = t.eval(pair, pictures, heldOut); err != nil {
			return nil, err
		}
	}
	run.Config = t.config(run.Config)
	opt := func() optim.Optimizer {
		if t.Opt != nil {
			return t.Opt
		}
		return RMSProp(either(t.Epoch, sampler.epoch()))
	}
	game := Joint{Text: pair.Text, Image: pair.Image, EMA: t.EMA}
	if t.ClassifierSteps > 0 {
		if err := t.classify(ctx, run, pair.Image, pictures.Images); err != nil {
			return nil, err
		}
	}
	if t.Frozen || t.FeatureSteps > 0 {
		if o.Features, err = Features(pair.Image, pictures.Images); err != nil {
			return nil, err
		}
		onFeatures, err := NewSampler(pictures, o)
		if err != nil {
			return nil, err
		}
		alone := Joint{Text: pair.Text, EMA: t.EMA}
		if t.Frozen {
			game, sampler = alone, onFeatures
		} else {
			stage := run
			stage.Dir, stage.Steps, stage.Export, stage.Sample = sub(run.Dir, "features"), t.FeatureSteps, nil, nil
			if err := train.Play(ctx, stage, []train.Player[Batch]{alone.Player(opt())}, onFeatures); err != nil {
				return nil, err
			}
		}
	}
	export, kept := run.Export, pair
	run.Export = func(v *train.View) error {
		kept = train.Average(v, pair)
		if run.Dir != "" {
			if err := kept.Save(filepath.Join(run.Dir, PairFile), v.Step, t.Facts); err != nil {
				return err
			}
			if err := Save(filepath.Join(run.Dir, EncoderFile), kept.Text, v.Step, t.Facts); err != nil {
				return err
			}
		}
		if export != nil {
			return export(v)
		}
		return nil
	}
	if err := train.Play(ctx, run, []train.Player[Batch]{game.Player(opt())}, sampler); err != nil {
		return nil, err
	}
	if run.Dir != "" { // a run that had ended before does not export again
		return OpenPairFile(filepath.Join(run.Dir, PairFile))
	}
	return kept, nil
}

// epoch is how many updates an epoch has.
func (s *Sampler) epoch() int {
	if s.classes != nil {
		return len(s.classes)
	}
	return max(1, len(s.known)/s.opts.Batch)
}

// classify trains the encoder of pictures on its own.
func (t Training) classify(ctx context.Context, run train.Run, image *Image, m *labelled.Images) error {
	batches, err := ClassifierBatches(m, min(64, m.Len()), image.Options.Size)
	if err != nil {
		return err
	}
	stage := run
	stage.Dir, stage.Steps, stage.Export, stage.Sample, stage.Eval = sub(run.Dir, "image"), t.ClassifierSteps, nil, nil, nil
	classifier := NewClassifier(image, len(m.Classes), data.Stream(run.Seed, 1))
	return train.Play(ctx, stage, []train.Player[labelled.Batch]{classifier.Player(nil)}, batches)
}

// sub returns the folder of a stage, none if the run has none.
func sub(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// config is what a run that goes on must have in common with its beginning.
func (t Training) config(given map[string]string) map[string]string {
	c := maps.Clone(given)
	if c == nil {
		c = map[string]string{}
	}
	c["encoder"] = fmt.Sprintf("%+v", t.Encoder.withDefaults())
	c["image"] = fmt.Sprintf("%+v", t.Image.withDefaults())
	c["sampler"] = fmt.Sprintf("batch %d, by picture %t, mirror %t, reword %g, stages %d and %d, frozen %t", either(t.Batch, 40),
		t.ByPicture, !t.NoMirror, t.Reword, t.ClassifierSteps, t.FeatureSteps, t.Frozen)
	return c
}

// eval returns the evaluation of a run.
func (t Training) eval(pair *Pair, pictures, heldOut *caption.Pictures) (func(v *train.View) (map[string]float64, error), error) {
	sets := map[string]*caption.Pictures{"seen": sample(pictures)}
	if heldOut != nil && heldOut.Len() > 1 {
		sets["unseen"] = sample(heldOut)
	}
	whole := map[string]*tensor.Tensor{}
	for name, set := range sets {
		x, err := Whole(set.Images, t.Image.withDefaults().Size)
		if err != nil {
			return nil, err
		}
		whole[name] = x
	}
	return func(v *train.View) (map[string]float64, error) {
		p := train.Average(v, pair)
		out := map[string]float64{}
		for name, set := range sets {
			vectors := p.Image.Encode(whole[name])
			r, err := Retrieval(vectors, p.Text, set.Captions, RetrievalOptions{Candidates: max(2, min(20, set.Len()/2)), Trials: 5})
			if errors.Is(err, errFew) {
				continue // a set that cannot be measured can still be learned
			}
			if err != nil {
				return nil, err
			}
			out[name] = r.Top1
			if name == "unseen" && set.Images.Labels != nil {
				classes, labels := ClassVectors(p.Text, set.Captions, set.Images.Labels)
				z := ZeroShot(vectors, labels, classes, 0)
				out["zero-shot"], out["ap"] = z.Top1, z.AP
			}
		}
		return out, nil
	}, nil
}

// sample returns up to 200 pictures of a set, spread evenly over it.
func sample(p *caption.Pictures) *caption.Pictures {
	const most = 200
	if p.Len() <= most {
		return p
	}
	out := &caption.Pictures{}
	var at []int
	for i := range most {
		k := i * p.Len() / most
		at = append(at, k)
		out.Captions = append(out.Captions, p.Captions[k])
		if p.Files != nil {
			out.Files = append(out.Files, p.Files[k])
		}
	}
	out.Images = p.Images.Subset(at)
	return out
}
