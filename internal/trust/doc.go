// Package trust has no code, only tests of what every model family promises in common: the same bits on any number of cores,
// twice in a row and after an interruption; no interference between goroutines; no memory or goroutine left behind; and a name
// for the place where a NaN came from. CONTRIBUTING.md says which test shows what.
package trust
