package tensor

// floats returns n zeros.
func floats(n int) []float32 {
	x := make([]float32, n)
	if n >= large {
		wantHugePages(x)
	}
	return x
}
