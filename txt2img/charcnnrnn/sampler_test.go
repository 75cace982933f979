package charcnnrnn_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// read turns one-hot rows back into captions, which must be in small letters without trailing blanks.
func read(x *tensor.Tensor) []string {
	out := make([]string, x.Dim(0))
	for i := range out {
		var b strings.Builder
		for j := range x.Dim(1) {
			for k := range x.Dim(2) {
				if x.At(i, j, k) == 1 {
					b.WriteByte(charcnnrnn.Alphabet[k])
				}
			}
		}
		out[i] = b.String()
	}
	return out
}

func TestBatchesOfClasses(t *testing.T) {
	p := tiny(24)
	s, err := charcnnrnn.NewSampler(p, charcnnrnn.SamplerOptions{Batch: 4, Length: 20, Size: 16})
	require.NoError(t, err)
	seen := map[string]int{}
	for step := range 200 {
		b, err := s.Batch(step, data.Stream(1, uint64(step)))
		require.NoError(t, err)
		require.Equal(t, []int{4, 16, 16, 3}, b.Images.Shape())
		classes := map[string]bool{}
		for i, words := range read(b.Texts) {
			k := -1
			for j, name := range p.Images.Classes {
				if strings.Contains(words, name) {
					k = j
				}
			}
			require.GreaterOrEqual(t, k, 0, words)
			classes[p.Images.Classes[k]] = true
			seen[words]++
			// The picture is of the class that the caption names, with values in [-1,1].
			want := map[int][]float32{0: {1, -1, -1}, 1: {-1, 1, -1}, 2: {-1, -1, 1}, 3: {1, 1, -1}}[k]
			require.Equal(t, want, b.Images.Data()[i*16*16*3:][:3])
		}
		require.Len(t, classes, 4, "all of another class")
	}
	require.Len(t, seen, 4+24, "all captions are drawn")
}

func TestBatchesOfPictures(t *testing.T) {
	p := tiny(24) // six pictures each share a caption
	s, err := charcnnrnn.NewSampler(p, charcnnrnn.SamplerOptions{Batch: 4, Length: 20, Size: 16, ByPicture: true})
	require.NoError(t, err)
	for step := range 100 {
		b, err := s.Batch(step, data.Stream(2, uint64(step)))
		require.NoError(t, err)
		words := read(b.Texts)
		for i, w := range words {
			for j, v := range words {
				if i == j {
					continue
				}
				require.NotEqual(t, w, v)
				// "a red square" goes with every red picture.
				if strings.HasPrefix(w, "a ") {
					require.NotEqual(t, strings.Fields(w)[1], strings.Fields(v)[0])
				}
			}
		}
	}
	again := func() charcnnrnn.Batch {
		b, err := s.Batch(7, data.Stream(3))
		require.NoError(t, err)
		return b
	}
	require.Equal(t, again(), again(), "a pure function of the step and the random numbers")

	for i := range p.Captions {
		p.Captions[i] = []string{"A Square", "a square"}
	}
	s, err = charcnnrnn.NewSampler(p, charcnnrnn.SamplerOptions{Batch: 4, Size: 16, ByPicture: true})
	require.NoError(t, err)
	_, err = s.Batch(0, data.Stream(1))
	require.ErrorContains(t, err, "no two share a caption")
}

func TestBatchesOfFeatures(t *testing.T) {
	p := tiny(12)
	features := tensor.New(12, 3, 2)
	for i := range 12 {
		for v := range 3 {
			features.Set(float32(i), i, v, 0)
			features.Set(float32(v), i, v, 1)
		}
	}
	s, err := charcnnrnn.NewSampler(p, charcnnrnn.SamplerOptions{Batch: 4, Length: 20, Features: features})
	require.NoError(t, err)
	views := map[float32]bool{}
	for step := range 50 {
		b, err := s.Batch(step, data.Stream(1, uint64(step)))
		require.NoError(t, err)
		require.Equal(t, []int{4, 2}, b.Images.Shape())
		for i, w := range read(b.Texts) {
			require.Contains(t, w, p.Images.Classes[int(b.Images.At(i, 0))%4])
			views[b.Images.At(i, 1)] = true
		}
	}
	require.Len(t, views, 3)
}

func TestParaphrases(t *testing.T) {
	p := &caption.Pictures{Captions: [][]string{{"a", "b", "c"}, {"d", "e"}, {"f", "g"}}}
	s, err := charcnnrnn.NewSampler(p, charcnnrnn.SamplerOptions{Batch: 3, Length: 5, Paraphrases: true})
	require.NoError(t, err)
	of := map[string]int{"a": 0, "b": 0, "c": 0, "d": 1, "e": 1, "f": 2, "g": 2}
	for step := range 50 {
		b, err := s.Batch(step, data.Stream(1, uint64(step)))
		require.NoError(t, err)
		one, other := read(b.Texts), read(b.Images)
		for i := range one {
			require.NotEqual(t, one[i], other[i])
			require.Equal(t, of[one[i]], of[other[i]])
		}
	}
}

func TestViewsOfBatches(t *testing.T) {
	p, _ := synthetic.CaptionedShapes(48, 1, synthetic.ShapeOptions{Side: 32})
	draw := func(o charcnnrnn.SamplerOptions) *tensor.Tensor {
		o.Batch, o.Size = 8, 32
		s, err := charcnnrnn.NewSampler(p, o)
		require.NoError(t, err)
		b, err := s.Batch(0, data.Stream(1))
		require.NoError(t, err)
		return b.Images
	}
	whole, err := charcnnrnn.Whole(p.Images, 32)
	require.NoError(t, err)
	same := func(x *tensor.Tensor) (n int) {
		for i := range x.Dim(0) {
			for j := range whole.Dim(0) {
				d := tensor.Sub(x.Rows(i, i+1), whole.Rows(j, j+1))
				if tensor.Dot(d, d) == 0 {
					n++
					break
				}
			}
		}
		return n
	}
	require.Equal(t, 8, same(draw(charcnnrnn.SamplerOptions{Whole: true})))
	require.Less(t, same(draw(charcnnrnn.SamplerOptions{})), 4)
	require.NotEqual(t, draw(charcnnrnn.SamplerOptions{}).Data(), draw(charcnnrnn.SamplerOptions{NoMirror: true}).Data())
}

func TestSamplerRefuses(t *testing.T) {
	bad := func(change func(p *caption.Pictures, o *charcnnrnn.SamplerOptions)) error {
		p, o := tiny(8), charcnnrnn.SamplerOptions{Batch: 4}
		change(p, &o)
		_, err := charcnnrnn.NewSampler(p, o)
		return err
	}
	type set = *caption.Pictures
	type opts = *charcnnrnn.SamplerOptions
	require.NoError(t, bad(func(set, opts) {}))
	require.ErrorContains(t, bad(func(_ set, o opts) { o.Batch = 5 }), "4 classes cannot fill a batch of 5")
	require.ErrorContains(t, bad(func(_ set, o opts) { o.Batch, o.ByPicture = 9, true }), "8 pictures cannot fill")
	require.ErrorContains(t, bad(func(p set, _ opts) { p.Images.Labels = nil }), "without classes")
	require.ErrorContains(t, bad(func(p set, _ opts) { p.Captions[3] = nil }), "picture 3 has 0 captions")
	require.ErrorContains(t, bad(func(p set, o opts) { p.Captions[3], o.Paraphrases = []string{"x"}, true }), "picture 3 has 1 captions")
	require.ErrorContains(t, bad(func(_ set, o opts) { o.Features = tensor.New(7, 1, 2) }), "features (7,1,2) for 8 pictures")
	require.ErrorContains(t, bad(func(p set, _ opts) { p.Images = nil }), "want a picture")
	require.ErrorContains(t, bad(func(p set, _ opts) { p.Images.Channels = 1 }), "3 channels")
	require.ErrorContains(t, bad(func(_ set, o opts) { o.Batch = 1 }), "batches of 1")
}
