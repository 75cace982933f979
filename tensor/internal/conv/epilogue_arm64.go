//go:build !noasm

package conv

import (
	"sync"
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// epilogueArgs is what the assembly reads; gemm/_asm knows the order. Distances are in bytes.
type epilogueArgs struct {
	y              unsafe.Pointer
	yRow           int
	residual       unsafe.Pointer
	residualRow    int
	bias, slopes   unsafe.Pointer
	rows, channels int
	act            Act
}

var epiloguePool = sync.Pool{New: func() any { return new(epilogueArgs) }}

func finishRows(f *finisher, out, res, bias, slopes []float32, step, rows int) {
	if f.level != cpu.NEON {
		finishPortable(f.act, out, res, bias, slopes, step, rows)
		return
	}
	n := len(bias)
	_, _ = out[(rows-1)*step+n-1], slopes[n-1]
	g := epiloguePool.Get().(*epilogueArgs)
	*g = epilogueArgs{
		y: unsafe.Pointer(&out[0]), yRow: 4 * step, bias: unsafe.Pointer(&bias[0]), slopes: unsafe.Pointer(&slopes[0]),
		rows: rows, channels: n, act: f.act,
	}
	if res != nil {
		_ = res[(rows-1)*step+n-1]
		g.residual, g.residualRow = unsafe.Pointer(&res[0]), 4*step
	}
	neonEpilogue((*byte)(unsafe.Pointer(g)))
	*g = epilogueArgs{}
	epiloguePool.Put(g)
}
