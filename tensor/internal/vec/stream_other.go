//go:build !amd64 || noasm

package vec

func streams(dst []float32, in ...[]float32) bool { return false }

func streamsRows(row, dst []float32, in ...[]float32) bool { return false }
