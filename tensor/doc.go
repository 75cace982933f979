// Package tensor holds dense float32 arrays and everything computable on them without gradients.
//
// A [Tensor] is contiguous and row-major. Images are (N, H, W, C), sequences (N, L, C), convolution weights
// (KH, KW, Cin, Cout). Operations return new tensors; an operation whose name ends in Into writes into its first
// argument, which must have the result's shape and, unless its comment says otherwise, must not overlap the inputs
// except by being one of them whole. Views ([Tensor.Reshape], [Tensor.Rows]) share memory.
//
// A wrong shape is the caller's mistake and panics with one line that names the operation and the shapes:
//
//	tensor.MatMul: want (m,k)·(k,n), got (32,100) and (128,256)
//
// Every result is bit-identical for every GOMAXPROCS: work is split into blocks that do not depend on the number of
// cores, each output element is computed by one goroutine, and sums are taken in a fixed order. Kernels never skip
// zeros, so 0·NaN is NaN.
package tensor
