//go:build (!amd64 && !arm64) || noasm

package conv

import "github.com/gander-ml/gander/tensor/internal/cpu"

func newTransformer(cpu.Level) transformer { return portable{} }

func finishRows(f *finisher, out, res, bias, slopes []float32, step, rows int) {
	finishPortable(f.act, out, res, bias, slopes, step, rows)
}
