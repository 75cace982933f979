package tensor

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// GatherSumInto sets each row of dst (n,…) to the sum of the rows of x (V,…), along axis 0, that the next so many elements of
// index name, in their order. A negative one names nothing. It is the product with a matrix of so many ones in each row: a
// convolution of one-hot rows is one. dst must not overlap x.
func GatherSumInto(dst, x *Tensor, index []int, each int) {
	wantShape("tensor.GatherSumInto", dst, GatherSumShape("tensor.GatherSumInto", x.shape, index, each))
	row := product(x.shape[1:])
	par.For(dst.shape[0], max(1, chunk/max(1, row*each)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			d, some := dst.data[i*row:(i+1)*row], false
			for _, k := range index[i*each : (i+1)*each] {
				switch {
				case k < 0:
				case some:
					vec.Add(d, d, x.data[k*row:(k+1)*row])
				default:
					copy(d, x.data[k*row:])
					some = true
				}
			}
			if !some {
				clear(d)
			}
		}
	})
}

// GatherSumShape returns the shape of what [GatherSumInto] makes. It panics, naming op, if there is no such row or if index
// cannot be cut into parts of each elements.
func GatherSumShape(op string, x, index []int, each int) []int {
	if len(x) == 0 || each < 1 || len(index)%each != 0 {
		panic(fmt.Sprintf("%s: want rows and %d indices for each sum, got shape %s and %d indices", op, each, Format(x), len(index)))
	}
	for i, k := range index {
		if k >= x[0] {
			panic(fmt.Sprintf("%s: index %d is %d, shape %s has rows 0 to %d", op, i, k, Format(x), x[0]-1))
		}
	}
	return append([]int{len(index) / each}, x[1:]...)
}

// ScatterSumInto sets dst to zero and then adds row i of x to the rows of dst that part i of index names, for every i in order:
// the adjoint of [GatherSumInto].
func ScatterSumInto(dst, x *Tensor, index []int, each int) {
	wantShape("tensor.ScatterSumInto", x, GatherSumShape("tensor.ScatterSumInto", dst.shape, index, each))
	scatter(dst, x, index, each)
}

// scatter adds row i of x to the rows that part i of index names. Each row of dst is added up by one goroutine, in the order
// of index.
func scatter(dst, x *Tensor, index []int, each int) {
	start := make([]int, dst.shape[0]+1)
	for _, k := range index {
		if k >= 0 {
			start[k+1]++
		}
	}
	for k := range dst.shape[0] {
		start[k+1] += start[k]
	}
	order, at := make([]int, len(index)), make([]int, dst.shape[0])
	for i, k := range index {
		if k >= 0 {
			order[start[k]+at[k]] = i / each
			at[k]++
		}
	}
	row := product(x.shape[1:])
	par.For(dst.shape[0], max(1, chunk/max(1, row)), func(lo, hi int) {
		clear(dst.data[lo*row : hi*row])
		for k := lo; k < hi; k++ {
			d := dst.data[k*row : (k+1)*row]
			for _, i := range order[start[k]:start[k+1]] {
				vec.Add(d, d, x.data[i*row:(i+1)*row])
			}
		}
	})
}
