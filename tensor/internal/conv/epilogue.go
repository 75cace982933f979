package conv

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/cpu"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// Act is an activation that can follow a convolution in the same pass.
type Act int

// The activations.
const (
	None  Act = iota
	ReLU      // max(v, 0)
	Slope     // v, or where v < 0 a slope times v: leaky ReLU and PReLU
)

// Epilogue is what happens to the result of a convolution while it is in the cache: y = act(y + Bias + Residual). The
// zero value does nothing.
type Epilogue struct {
	Bias     []float32 // one for each channel of the result; nil for none
	Residual []float32 // as large as the result; nil for none. It may be the result's own memory only if it is not read before.
	Act      Act
	Slopes   []float32 // for Slope: one, or one for each channel
}

// finisher is an Epilogue made ready for a number of channels. A nil one does nothing.
type finisher struct {
	channels int
	params   *scratch.Buf // bias, and slopes
	bias     []float32
	slopes   []float32
	residual []float32
	act      Act
	level    cpu.Level
}

// finisher checks e against a result of size values.
func (e *Epilogue) finisher(channels, size int) *finisher {
	if e == nil || e.Bias == nil && e.Residual == nil && e.Act == None {
		return nil
	}
	if e.Bias != nil && len(e.Bias) != channels || e.Residual != nil && len(e.Residual) != size ||
		e.Act == Slope && len(e.Slopes) != 1 && len(e.Slopes) != channels || e.Act < None || e.Act > Slope {
		panic(fmt.Sprintf("conv: epilogue with %d biases, %d residuals, %d slopes and activation %d does not fit %d channels and %d values",
			len(e.Bias), len(e.Residual), len(e.Slopes), e.Act, channels, size))
	}
	room := full(channels) // the assembly reads whole vectors
	f := &finisher{channels: channels, params: scratch.Get(2 * room), residual: e.Residual, act: e.Act, level: cpu.Current()}
	f.bias, f.slopes = f.params.Data[:channels], f.params.Data[room:][:channels]
	clear(f.params.Data)
	copy(f.bias, e.Bias)
	if e.Act == Slope {
		for c := range f.slopes {
			f.slopes[c] = e.Slopes[c%len(e.Slopes)]
		}
	}
	return f
}

func (f *finisher) release() {
	if f != nil {
		f.params.Free()
	}
}

// apply finishes channels j to j+n of rows pixels of y, the first of which starts at value at; step is the distance of pixels.
func (f *finisher) apply(y []float32, at, step, rows, j, n int) {
	if f == nil || rows == 0 || n == 0 {
		return
	}
	out := y[at+j:][:(rows-1)*step+n]
	var res []float32
	if f.residual != nil {
		res = f.residual[at+j:][:len(out)]
	}
	finishRows(f, out, res, f.bias[j:][:n], f.slopes[j:][:n], step, rows)
}

// all finishes a whole result of pixels that lie side by side.
func (f *finisher) all(y []float32) {
	if f == nil {
		return
	}
	par.For(len(y)/f.channels, 256, func(lo, hi int) {
		f.apply(y, lo*f.channels, f.channels, hi-lo, 0, f.channels)
	})
}

// finishPortable is the twin in Go of the assembly.
func finishPortable(act Act, out, res, bias, slopes []float32, step, rows int) {
	for r := range rows {
		row := out[r*step:][:len(bias)]
		for c, v := range row {
			v += bias[c]
			if res != nil {
				v += res[r*step+c]
			}
			if v < 0 && act != None {
				if act == Slope {
					v *= slopes[c]
				} else {
					v = 0
				}
			}
			row[c] = v
		}
	}
}
