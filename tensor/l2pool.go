package tensor

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// L2Pool returns the Euclidean norm of every k neighbouring channels, k·j to k·j+k−1, of x (…,C·k): the result is
// (…,C). It panics unless k divides the channels. With k = 2 it is the feature pooling of LAPGAN's LSUN networks
// (Denton et al. 2015).
func L2Pool(x *Tensor, k int) *Tensor {
	y := New(L2PoolShape("tensor.L2Pool", x.shape, k)...)
	L2PoolInto(y, x, k)
	return y
}

// L2PoolInto is [L2Pool] into y.
func L2PoolInto(y, x *Tensor, k int) {
	wantShape("tensor.L2PoolInto", y, L2PoolShape("tensor.L2PoolInto", x.shape, k))
	par.For(len(y.data), max(1, chunk/k), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			s := 0.0
			for _, v := range x.data[i*k : (i+1)*k] {
				s += float64(v) * float64(v)
			}
			y.data[i] = float32(math.Sqrt(s))
		}
	})
}

// L2PoolShape returns the shape of [L2Pool]. It panics, naming op, unless k divides the channels.
func L2PoolShape(op string, x []int, k int) []int {
	last := len(x) - 1
	if k < 1 || last < 0 || x[last]%k != 0 {
		panic(fmt.Sprintf("%s: want channels in groups of %d, got %s", op, k, Format(x)))
	}
	return append(append([]int{}, x[:last]...), x[last]/k)
}
