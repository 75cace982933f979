package lapgan

import (
	"fmt"

	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// normEps is added to standard deviations, as in the code of LAPGAN.
const normEps = 1e-7

// Norm maps pictures with values in [0,1] to values of mean 0 and deviation 1, before the pyramid is built: x ↦ (x−Mean)/Std.
type Norm struct {
	Mean *tensor.Tensor `nn:"mean"` // (H,W,C) for each pixel, or (1,1,C) for each channel
	Std  *tensor.Tensor `nn:"std"`  // of the same shape, positive
}

// PixelNorm normalises every pixel by itself, over the training pictures. The code of LAPGAN does so for CIFAR-10.
func PixelNorm(m *labelled.Images) *Norm { return newNorm(m, m.Height, m.Width, m.Len()) }

// ChannelNorm normalises every channel, over the first pictures, at most most of them; 0 means 10,000, as in the code of
// LAPGAN for LSUN.
func ChannelNorm(m *labelled.Images, most int) *Norm {
	if most == 0 {
		most = 10_000
	}
	return newNorm(m, 1, 1, min(most, m.Len()))
}

// SignedNorm maps [0,1] to [-1,1], for pictures of so many channels.
func SignedNorm(channels int) *Norm {
	return &Norm{Mean: tensor.Full(0.5, 1, 1, channels), Std: tensor.Full(0.5, 1, 1, channels)}
}

// WhiteNorm maps white to 0 and black to −2, for pictures on white of so many channels: what changes of a discriminator's input
// leave empty is white then, and a shifted picture is a picture.
func WhiteNorm(channels int) *Norm {
	return &Norm{Mean: tensor.Full(1, 1, 1, channels), Std: tensor.Full(0.5, 1, 1, channels)}
}

// newNorm gathers sums in float64 over n pictures, a block at a time.
func newNorm(m *labelled.Images, h, w, n int) *Norm {
	if n == 0 {
		panic("lapgan: no pictures to normalise by")
	}
	c := m.Channels
	sum, square := make([]float64, h*w*c), make([]float64, h*w*c)
	const block = 100
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		x, _ := m.Block(lo, hi) // its error is always nil
		for i, v := range x.Data() {
			k := i % c
			if h > 1 || w > 1 {
				k = i % len(sum)
			}
			sum[k] += float64(v)
			square[k] += float64(v) * float64(v)
		}
	}
	count := float64(n*m.Height*m.Width*c) / float64(len(sum))
	mean, variance := tensor.New(h, w, c), tensor.New(h, w, c)
	for k, s := range sum {
		mu := s / count
		mean.Data()[k] = float32(mu)
		variance.Data()[k] = float32(max(square[k]/count-mu*mu, 0))
	}
	return &Norm{Mean: mean, Std: tensor.Affine(tensor.Sqrt(variance), 1, normEps)}
}

// Apply returns pictures (N,H,W,C) with values in [0,1] normalised. It panics if their size is another.
func (n *Norm) Apply(x *tensor.Tensor) *tensor.Tensor {
	return tensor.Div(tensor.Sub(x, n.Mean), n.Std)
}

// Undo is the inverse of [Norm.Apply].
func (n *Norm) Undo(x *tensor.Tensor) *tensor.Tensor {
	return tensor.Add(tensor.Mul(x, n.Std), n.Mean)
}

// at returns the normalisation for images of another size, such as those inside a pyramid: the means over areas of Mean
// and Std. It is exact for a norm of channels.
func (n *Norm) at(side int) *Norm {
	h, w, c := n.Mean.Dim(0), n.Mean.Dim(1), n.Mean.Dim(2)
	if h == 1 && w == 1 || h == side && w == side {
		return n
	}
	resize := func(x *tensor.Tensor) *tensor.Tensor {
		return tensor.Resize(x.Reshape(1, h, w, c), side, side, tensor.Box).Reshape(side, side, c)
	}
	return &Norm{Mean: resize(n.Mean), Std: resize(n.Std)}
}

// Crop returns the normalisation for the middle side×side pixels.
func (n *Norm) Crop(side int) *Norm {
	h, w, c := n.Mean.Dim(0), n.Mean.Dim(1), n.Mean.Dim(2)
	if h == 1 && w == 1 {
		return n
	}
	if side > h || side > w {
		panic(fmt.Sprintf("lapgan.Norm.Crop: no %d×%d pixels in %d×%d", side, side, h, w))
	}
	crop := func(x *tensor.Tensor) *tensor.Tensor {
		return tensor.Crop2D(x.Reshape(1, h, w, c), (h-side)/2, (w-side)/2, side, side).Reshape(side, side, c)
	}
	return &Norm{Mean: crop(n.Mean), Std: crop(n.Std)}
}
