package placed

import (
	"fmt"
	"image"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// Side is the height and width of pictures; digits are of 28×28.
const Side = 60

const digitSide = 28

// Set draws pictures of scenes, without end. Whoever makes one calls [New].
type Set struct {
	digits  *labelled.Images
	ofClass [10][]int
	scenes  []Scene
}

// New returns a set of pictures of some scenes, all equally often, with digits such as those of MNIST: grey, 28×28, in classes
// 0 to 9. It is an error if they are not, or if a digit of a scene is missing, or if there is no scene.
func New(digits *labelled.Images, scenes []Scene) (*Set, error) {
	if digits.Height != digitSide || digits.Width != digitSide || digits.Channels != 1 {
		return nil, fmt.Errorf("placed: digits of %d×%d pixels in %d channels; want 28×28 in 1", digits.Height, digits.Width, digits.Channels)
	}
	if len(scenes) == 0 {
		return nil, fmt.Errorf("placed: no scenes to draw")
	}
	s := &Set{digits: digits, scenes: scenes}
	for i := range digits.Len() {
		if k := digits.Label(i); k < 0 || k > 9 {
			return nil, fmt.Errorf("placed: picture %d is of class %d; want digits 0 to 9", i, k)
		} else {
			s.ofClass[k] = append(s.ofClass[k], i)
		}
	}
	for _, scene := range scenes {
		for _, p := range scene.Parts() {
			if len(s.ofClass[p.Digit]) == 0 {
				return nil, fmt.Errorf("placed: no picture of a %d, which is in %q", p.Digit, scene.Caption())
			}
		}
	}
	return s, nil
}

// Batch is pictures with what they show.
type Batch struct {
	Images *tensor.Tensor // (N,60,60,1) in [0,1]
	Scenes []Scene
}

// Batches returns a source of batches of n pictures of scenes that are drawn at random.
func (s *Set) Batches(n int) data.Source[Batch] {
	return data.Func[Batch](func(_ int, rng *rand.Rand) (Batch, error) {
		scenes := make([]Scene, n)
		for i := range scenes {
			scenes[i] = s.scenes[rng.IntN(len(s.scenes))]
		}
		return Batch{s.Draw(scenes, rng), scenes}, nil
	})
}

// Draw returns a picture (60,60,1) of each scene, as (N,60,60,1) with values in [0,1]. Which digits and where exactly is random:
// beside and above each other digits are shifted along their half, and in a corner they stay in their quarter. It panics if
// there is no such digit.
func (s *Set) Draw(scenes []Scene, rng *rand.Rand) *tensor.Tensor {
	x := tensor.New(len(scenes), Side, Side, 1)
	for i, scene := range scenes {
		for _, p := range scene.Parts() {
			of := s.ofClass[p.Digit]
			s.put(x.Rows(i, i+1).Data(), of[rng.IntN(len(of))], p.Place, rng)
		}
	}
	return x
}

// put adds a digit to a picture, somewhere in a rectangle: in the middle half of its longer side.
func (s *Set) put(picture []float32, digit int, in image.Rectangle, rng *rand.Rand) {
	at := func(lo, size int) int {
		room := size - digitSide
		if size == Side {
			return lo + room/4 + rng.IntN(room/2+1)
		}
		return lo + rng.IntN(room+1)
	}
	x0, y0 := at(in.Min.X, in.Dx()), at(in.Min.Y, in.Dy())
	pixels := s.digits.Pixels[digit*digitSide*digitSide:]
	for y := range digitSide {
		for x := range digitSide {
			picture[(y0+y)*Side+x0+x] = float32(pixels[y*digitSide+x]) / 255
		}
	}
}

// Cut returns the digits (N,28,28,1) that pictures (N,60,60,1) show at a place of each: as with MNIST, the square around the
// centre of mass of what lies there. An empty place gives an empty picture.
func Cut(pictures *tensor.Tensor, places []image.Rectangle) *tensor.Tensor {
	if s := pictures.Shape(); len(s) != 4 || s[0] != len(places) || s[1] != Side || s[2] != Side || s[3] != 1 {
		panic(fmt.Sprintf("placed.Cut: want (%d,60,60,1), got %s", len(places), tensor.Format(s)))
	}
	out := tensor.New(len(places), digitSide, digitSide, 1)
	for i, in := range places {
		from, to := pictures.Rows(i, i+1).Data(), out.Rows(i, i+1).Data()
		var sum, sx, sy float64
		for y := in.Min.Y; y < in.Max.Y; y++ {
			for x := in.Min.X; x < in.Max.X; x++ {
				v := float64(from[y*Side+x])
				sum, sx, sy = sum+v, sx+v*float64(x), sy+v*float64(y)
			}
		}
		if sum == 0 {
			continue
		}
		x0, y0 := int(sx/sum+0.5)-digitSide/2, int(sy/sum+0.5)-digitSide/2
		for y := range digitSide {
			for x := range digitSide {
				if p := image.Pt(x0+x, y0+y); p.In(in) {
					to[y*digitSide+x] = from[p.Y*Side+p.X]
				}
			}
		}
	}
	return out
}
