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
	Size    int // the middle square is cut out and made Size×Size; 0 means 64
	Workers int // pictures decoded at once; 0 means one for each processor
	Decode  imaging.DecodeOptions
}

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
	n, each := len(s.Records), size*size*channels
	p := &Pictures{
		Images: &labelled.Images{
			Height: size, Width: size, Channels: channels,
			Pixels: make([]uint8, n*each), Labels: make([]int, n), Classes: s.Classes,
		},
		Captions: make([][]string, n),
		Files:    make([]string, n),
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
				errs[i] = load(p.Images.Pixels[i*each:(i+1)*each], s.Path(i), size, o.Decode)
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
			bad.Errors = append(bad.Errors, fmt.Errorf("line %d: %w", s.Records[i].Line, err))
		} else {
			bad.More++
		}
	}
	if len(bad.Errors) > 0 {
		return nil, fmt.Errorf("caption: %s: %w", s.Dir, &bad)
	}
	return p, nil
}

func load(dst []uint8, path string, size int, o imaging.DecodeOptions) error {
	m, err := imaging.Open(path, o)
	if err != nil {
		return err
	}
	x := m.RGB()
	if x.Len() == 0 {
		return fmt.Errorf("%s: the picture has no pixels", path)
	}
	x = data.CentreSquare(x, nil)
	if x.Dim(0) != size {
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
