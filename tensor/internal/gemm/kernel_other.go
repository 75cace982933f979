//go:build (!amd64 && !arm64) || noasm

package gemm

import "github.com/gander-ml/gander/tensor/internal/cpu"

func kernelAt(cpu.Level) *Kernel { return portable }
