package gemm

// depth is the longest chain of products that is summed in one go, so that rounding errors grow with the number of
// chains and not with k, and a tile's rows of a stay in the first-level cache.
const depth = 512

// Chains returns how a sum of k products is cut: into chains of the returned length, the last one perhaps shorter. It
// depends on k alone.
func Chains(k int) int {
	n := (k + depth - 1) / depth
	return ((k+n-1)/n + 7) / 8 * 8
}
