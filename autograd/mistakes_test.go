package autograd_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// A wrong call panics with one line that names the operation the caller called.
func TestMistakes(t *testing.T) {
	v := func(shape ...int) vr { return autograd.Const(tensor.New(shape...)) }
	image := v(1, 3, 4, 2)
	for want, call := range map[string]func(){
		"autograd.Add: shapes do not broadcast, got (2) and (3)":                 func() { autograd.Add(v(2), v(3)) },
		"autograd.Sum: no axis 1 in shape (2)":                                   func() { autograd.Sum(v(2), 1) },
		"autograd.Max: no axis 1 in shape (2)":                                   func() { autograd.Max(v(2), 1) },
		"autograd.MatMul: want (m,k)·(k,n), got (2,3) and (2,3)":                 func() { autograd.MatMul(v(2, 3), v(2, 3)) },
		"autograd.LeakyReLUOver: the slope must not be negative, got -1":         func() { autograd.LeakyReLUOver(v(2), -1) },
		"autograd.PReLU: want 1 slope or one for each channel of (2,3), got (2)": func() { autograd.PReLU(v(2, 3), v(2)) },
		"autograd.Concat: nothing to join":                                       func() { autograd.Concat(0) },
		"autograd.Concat: want shapes that differ along axis 0 only, got (2,3) and (2,4)": func() {
			autograd.Concat(0, v(2, 3), v(2, 4))
		},
		"autograd.Stack: want equal shapes, got (2) and (3)":                          func() { autograd.Stack(0, v(2), v(3)) },
		"autograd.Slice: no part 1:3 along axis 0 of shape (2)":                       func() { autograd.Slice(v(2), 0, 1, 3) },
		"autograd.Split: sizes (1) do not add up to axis 0 of shape (2)":              func() { autograd.Split(v(2), 0, 1) },
		"autograd.Roll: no axis 1 in shape (2)":                                       func() { autograd.Roll(v(2), 1, 1) },
		"autograd.Flip: no axis 1 in shape (2)":                                       func() { autograd.Flip(v(2), 1) },
		"autograd.Permute: (1) is not a permutation of the axes of shape (2)":         func() { autograd.Permute(v(2), 1) },
		"autograd.Gather: index 0 is 2, shape (2) has rows 0 to 1":                    func() { autograd.Gather(v(2), []int{2}) },
		"autograd.Take: want 2 indices for shape (2,3), got 1":                        func() { autograd.Take(v(2, 3), []int{2}) },
		"autograd.Where: shapes do not broadcast, got (4) and (2)":                    func() { autograd.Where(tensor.New(4), v(2), v(2)) },
		"autograd.LogSumExp: no axis -1 in shape ()":                                  func() { autograd.LogSumExp(v()) },
		"autograd.L2Pool: want channels in groups of 2, got (3)":                      func() { autograd.L2Pool(v(3), 2) },
		"autograd.Pad2D: want (N,H,W,C), got (3)":                                     func() { autograd.Pad2D(v(3), tensor.PadSpec{}) },
		"autograd.Crop2D: no part of 4×4 pixels at (0,0) in images (1,3,4,2)":         func() { autograd.Crop2D(image, 0, 0, 4, 4) },
		"autograd.MaxPool2D: impossible window 0, stride 0, padding 0":                func() { autograd.MaxPool2D(image, tensor.PoolSpec{}) },
		"autograd.AvgPool2D: want (N,H,W,C), got (3)":                                 func() { autograd.AvgPool2D(v(3), tensor.PoolAll(2, 0, 0)) },
		"autograd.MaxPool1D: want (N,L,C), got (1,3,4,2)":                             func() { autograd.MaxPool1D(image, tensor.Pool1DSpec{K: 2}) },
		"autograd.GlobalAvgPool: want (N,H,W,C), got (3)":                             func() { autograd.GlobalAvgPool(v(3)) },
		"autograd.Resize: want (N,H,W,C), got (3)":                                    func() { autograd.Resize(v(3), 1, 1, tensor.Box) },
		"autograd.Resample: want (N,2,2,C), got (1,3,4,2)":                            func() { autograd.Resample(image, tensor.NewBurtReduce(2, 2, 0.4)) },
		"autograd.PixelShuffle: want (N,H,W,C·2²), got (1,3,4,2)":                     func() { autograd.PixelShuffle(image, 2) },
		"autograd.PixelUnshuffle: want (N,H·2,W·2,C), got (1,3,4,2)":                  func() { autograd.PixelUnshuffle(image, 2) },
		"autograd.Conv2D: kernel (4,4,2,1) is larger than the padded image (1,3,4,2)": func() { autograd.Conv2D(image, v(4, 4, 2, 1), tensor.ConvSpec{}) },
		"autograd.ConvTranspose2D: want (N,H,W,Cin) and (KH,KW,Cout/groups,Cin), got (1,3,4,2) and (2,2,1,3)": func() {
			autograd.ConvTranspose2D(image, v(2, 2, 1, 3), tensor.ConvTransposeSpec{})
		},
	} {
		t.Run(want, func(t *testing.T) { require.PanicsWithValue(t, want, call) })
	}
}

func TestTapesDoNotMix(t *testing.T) {
	one := tensor.Full(1, 1)
	x, y := autograd.NewTape().Leaf(one), autograd.NewTape().Leaf(one)
	require.PanicsWithValue(t, "autograd.Concat: the inputs are on two tapes", func() { autograd.Concat(0, x, y) })
}

// A steady step of the operations that keep something for their derivative needs no new memory.
func TestSteadyStepsReuseMemory(t *testing.T) {
	tape := autograd.NewTape()
	image := tensor.Arange(2*8*8*4).Reshape(2, 8, 8, 4)
	step := func() {
		tape.Reset()
		x := tape.Leaf(image)
		h := autograd.MaxPool2D(x, tensor.PoolAll(2, 2, 0))
		h = autograd.Resize(autograd.Pad2D(h, tensor.PadAll(1, tensor.PadReflect)), 8, 8, tensor.Bicubic)
		h = autograd.Concat(-1, h, autograd.PixelUnshuffle(autograd.PixelShuffle(x, 2), 2))
		h = autograd.L2Pool(autograd.Flip(h, 2), 2)
		loss := autograd.Sum(autograd.LogSumExp(autograd.Max(h, 1, 2)))
		g := autograd.GradOnTape(loss, x)[0]
		autograd.Grad(autograd.Mean(autograd.Square(g)), x)
	}
	step()
	held := tape.Bytes()
	for range 3 {
		step()
		require.Equal(t, held, tape.Bytes())
	}
}
