// Package hugepage gets memory for numbers in pages of 2 MiB where the system has them. With small pages every few rows of a
// matrix need another translation of addresses, which is twice as long in a virtual machine, and what shall stay in the
// second-level cache lies wherever its pages happen to be and falls on itself.
package hugepage

// least is the number of values from which it is worth asking: a sixteenth of a page.
const least = 1 << 15

// Floats returns n zeros.
func Floats(n int) []float32 {
	x := make([]float32, n)
	if n >= least {
		want(x)
	}
	return x
}
