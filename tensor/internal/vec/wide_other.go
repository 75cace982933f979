//go:build !amd64 || noasm

package vec

func hasWide() bool { return false }

func runWide(statistic, []float64, []float64, []float32, []float32, []float32, int, int) {}

func runPReLUGrads([]float32, []float64, []float32, []float32, []float32, int, int, bool) {}
