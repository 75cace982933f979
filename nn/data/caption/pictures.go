package caption

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// Pictures is a data set of pictures of one size with captions, in memory. It implements data.Dataset[Example].
type Pictures struct {
	Images   *labelled.Images // three channels; Labels are classes
	Captions [][]string       // of each picture
	Files    []string         // the picture's file, or what else to call it
}

// Example is a picture with its captions.
type Example struct {
	Image    *tensor.Tensor // (H, W, C) in [0, 1]
	Captions []string
	Class    int // index into Pictures.Images.Classes
	File     string
}

// LoadOptions say how pictures are prepared. The zero value makes them 64×64.
type LoadOptions struct {
	Size    int // of the sides; 0 means 64
	Workers int // pictures decoded at once; 0 means one for each processor

	// Cut takes the part of a picture (H, W, 3) that is wanted, which is made Size×Size whatever its shape; nil means
	// [MiddleSquare]. It is called from several goroutines.
	Cut func(r Record, x *tensor.Tensor) *tensor.Tensor

	// MaxBytes bounds the memory of all pictures together; 0 means 8 GiB.
	MaxBytes int64

	Decode imaging.DecodeOptions
}

// MiddleSquare cuts out the largest square in the middle of a picture.
func MiddleSquare(_ Record, x *tensor.Tensor) *tensor.Tensor { return data.CentreSquare(x, nil) }

// Whole takes all of a picture, so that what is not square is squeezed, as in the published programs of Reed et al. 2016.
func Whole(_ Record, x *tensor.Tensor) *tensor.Tensor { return x }

// Load reads the pictures of a set. One that cannot be read is an error: a caption without its picture is a broken set.
func (s *Set) Load(o LoadOptions) (*Pictures, error) {
	size := o.Size
	switch {
	case size == 0:
		size = 64
	case size < 0:
		panic(fmt.Sprintf("caption.Set.Load: pictures of %d pixels", size))
	}
	const channels = 3
	limit := o.MaxBytes
	if limit == 0 {
		limit = 8 << 30
	}
	if need := float64(len(s.Records)) * float64(size) * float64(size) * channels; need > float64(limit) {
		return nil, fmt.Errorf("caption: %s: %d pictures of %d×%d pixels take %.0f bytes, more than the limit of %d (LoadOptions.MaxBytes): "+
			"take smaller or fewer ones", s.Dir, len(s.Records), size, size, need, limit)
	}
	n, each := len(s.Records), size*size*channels
	p := &Pictures{
		Images: &labelled.Images{
			Height: size, Width: size, Channels: channels,
			Pixels: make([]uint8, n*each), Labels: make([]int, n), Classes: s.Classes,
		},
		Captions: make([][]string, n),
		Files:    make([]string, n),
	}
	if o.Cut == nil {
		o.Cut = MiddleSquare
	}
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, n)
	next := make(chan int)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := range next {
				errs[i] = s.load(p.Images.Pixels[i*each:(i+1)*each], i, size, o)
			}
		})
	}
	for i, r := range s.Records {
		p.Images.Labels[i], p.Captions[i], p.Files[i] = s.ClassOf(i), r.Captions, r.File
		next <- i
	}
	close(next)
	wait.Wait()
	var bad LinesError
	for i, err := range errs {
		if err == nil {
			continue
		}
		if len(bad.Errors) < shownErrors {
			bad.Errors = append(bad.Errors, s.Records[i].locate(err))
		} else {
			bad.More++
		}
	}
	if len(bad.Errors) > 0 {
		return nil, fmt.Errorf("caption: %s: %w", s.Dir, &bad)
	}
	return p, nil
}

func (s *Set) load(dst []uint8, i, size int, o LoadOptions) error {
	path := s.Path(i)
	m, err := imaging.Open(path, o.Decode)
	if err != nil {
		return err
	}
	x := m.RGB()
	if x.Len() == 0 {
		return fmt.Errorf("%s: the picture has no pixels", path)
	}
	x = o.Cut(s.Records[i], x)
	if x.Dim(0) != size || x.Dim(1) != size {
		x = data.ResizeTo(size, size, tensor.Bicubic)(x, nil)
	}
	for i, v := range x.Data() {
		dst[i] = uint8(min(max(v, 0), 1)*255 + 0.5)
	}
	return nil
}

// Len implements data.Dataset.
func (p *Pictures) Len() int { return p.Images.Len() }

// At implements data.Dataset.
func (p *Pictures) At(i int) (Example, error) {
	e, err := p.Images.At(i)
	return Example{Image: e.Image, Captions: p.Captions[i], Class: e.Class, File: p.Files[i]}, err
}
