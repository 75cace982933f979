//go:build !linux

package tensor

func wantHugePages([]float32) {}
