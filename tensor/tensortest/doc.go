// Package tensortest helps to test tensor computations: float64 arrays to write references with, comparisons that name
// the first element that differs, and guard cells.
package tensortest
