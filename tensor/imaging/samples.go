package imaging

import (
	"encoding/binary"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// sampleGrain is how many samples one block of parallel work holds.
const sampleGrain = 1 << 14

// pack writes values in [0,1] as samples of width bytes, big-endian, rounded as [Image.ToImage] does.
func pack(dst []byte, src []float32, width int) {
	par.For(len(src), sampleGrain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if width == 1 {
				dst[i] = uint8(level(src[i], 0xff))
			} else {
				binary.BigEndian.PutUint16(dst[2*i:], uint16(level(src[i], 0xffff)))
			}
		}
	})
}

// unpack reads what pack wrote.
func unpack(dst []float32, src []byte, width int) {
	par.For(len(dst), sampleGrain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if width == 1 {
				dst[i] = float32(src[i]) / 0xff
			} else {
				dst[i] = float32(binary.BigEndian.Uint16(src[2*i:])) / 0xffff
			}
		}
	})
}
