package charcnnrnn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// SJE returns the two sides of the symmetric structured joint embedding loss of scores s (B,B), where s_ij is the product of
// the vector of picture i with that of caption j, and captions belong to pictures of the same number:
//
//	images = 1/B² Σ_i Σ_{j≠i} max(0, 1 + s_ij − s_ii)
//	texts  = 1/B² Σ_j Σ_{i≠j} max(0, 1 + s_ij − s_jj)
//
// All violators count, not only the worst. The loss is the sum of the two. It panics unless s is square. Reed et al. 2016
// (CVPR), eq. 4 and 5, with the surrogate of its code.
func SJE(s *autograd.Var) (images, texts *autograd.Var) {
	if s.Rank() != 2 || s.Dim(0) != s.Dim(1) {
		panic(fmt.Sprintf("charcnnrnn.SJE: want (B,B), got %s", tensor.Format(s.Shape())))
	}
	b := s.Dim(0)
	eye, others := autograd.Alloc([]int{b, b}, s), autograd.Alloc([]int{b, b}, s)
	eye.Fill(0)
	others.Fill(1)
	for i := range b {
		eye.Data()[i*b+i], others.Data()[i*b+i] = 1, 0
	}
	own := autograd.Sum(autograd.Mul(s, autograd.Const(eye)), 1)
	side := func(own *autograd.Var) *autograd.Var {
		violations := autograd.ReLU(autograd.Shift(autograd.Sub(s, own), 1))
		return autograd.Scale(autograd.Sum(autograd.Mul(violations, autograd.Const(others))), 1/float32(b*b))
	}
	return side(own.Reshape(b, 1)), side(own.Reshape(1, b))
}

// Pair is an encoder of captions and one of pictures with the same width of vectors, whose products say how well a caption
// and a picture go together.
type Pair struct {
	Text  *Encoder `nn:"text"`
	Image *Image   `nn:"image"`
}

// Joint trains an encoder of captions against pictures, or against what else Batch.Images holds.
type Joint struct {
	Text *Encoder
	// Image maps Batch.Images to vectors as wide as Text's, and learns too. Nil means that they are such vectors already, the
	// features of an encoder that stays as it is, as in the published code.
	Image nn.Layer
	// ImageSide leaves out the texts' side of the loss, as the recipe [COCO] does.
	ImageSide bool

	EMA float64 // decay of an average of the parameters; 0 means none
}

// Batch is B captions and as many pictures, each of another class or at least another picture. It cannot be cut into shards:
// every picture is compared with all captions.
type Batch struct {
	Images *tensor.Tensor // (B,S,S,3) in [-1,1], or features (B,D), or other captions as those of Texts
	Texts  *tensor.Tensor // (B,L,70), of [OneHot]
}

// Player returns the player of the game, who needs no name; nil means [RMSProp] with epochs of 150 updates, those of the birds.
// Besides the loss it logs "right", the share of pictures that find their own caption in the batch. It panics without Text.
func (j Joint) Player(opt optim.Optimizer) train.Player[Batch] {
	if j.Text == nil {
		panic("charcnnrnn.Joint: want a Text encoder")
	}
	if opt == nil {
		opt = RMSProp(150)
	}
	return train.Player[Batch]{Model: j.model(), Opt: opt, Loss: j.Terms, EMA: j.EMA}
}

// model is what learns, with the names that checkpoints have for it.
func (j Joint) model() any {
	return &struct {
		Text  *Encoder `nn:"text"`
		Image nn.Layer `nn:"image"`
	}{j.Text, j.Image}
}

// Terms is the loss in one turn, for [train.Player].
func (j Joint) Terms(s *train.Step, b Batch) train.Terms {
	v := s.Const(b.Images)
	if j.Image != nil {
		v = train.Use(s, j.Image).Forward(v, s.Pass)
	}
	t := train.Use(s, j.Text).Forward(s.Const(b.Texts), s.Pass)
	if !tensor.SameShape(v.Value(), t.Value()) {
		panic(fmt.Sprintf("charcnnrnn.Joint: pictures make %s, captions %s", tensor.Format(v.Shape()), tensor.Format(t.Shape())))
	}
	scores := autograd.MatMulT(v, t, false, true)
	images, texts := SJE(scores)
	loss := images
	if !j.ImageSide {
		loss = autograd.Add(images, texts)
	}
	right := Retrieve(scores.Value()).Top1
	return train.Terms{
		{Name: "loss", Weight: 1, Value: loss},
		{Name: "right", Value: autograd.Const(tensor.Scalar(float32(right)))},
	}
}

// RMSProp is the optimiser of the published recipe: α 0.99 and rate 7e-4, times 0.98 after each epoch, which is as many updates
// as there are classes to train with: 150 for the birds, 82 for the flowers, for 200 epochs. Reed et al. 2016 (CVPR), code.
func RMSProp(epoch int) optim.Optimizer {
	return optim.RMSProp{
		Rate: 7e-4, Alpha: 0.99,
		Schedule: optim.PerEpoch{Updates: epoch, Schedule: optim.Exponential{PerUpdate: 0.98}},
	}
}
