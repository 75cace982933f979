package autograd_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor/tensortest"
)

func shapeRows() []row {
	rng := rand.New(rand.NewPCG(6, 1))
	x := normal(rng, 2, 3, 4)
	rows := []row{
		linearRow("Reshape", x, func(x vr) vr { return autograd.Reshape(x, 4, -1) },
			func(x arr) arr { return arr{Shape: []int{4, 6}, Data: x.Data} }),
		linearRow("Roll", x, func(x vr) vr { return autograd.Roll(x, 1, -4) }, func(x arr) arr {
			return tensortest.Build(x.Shape, func(i []int) float64 { return x.At(i[0], (i[1]+4)%3, i[2]) })
		}),
		linearRow("Flip", x, func(x vr) vr { return autograd.Flip(x, 0, -1) }, func(x arr) arr {
			return tensortest.Build(x.Shape, func(i []int) float64 { return x.At(1-i[0], i[1], 3-i[2]) })
		}),
		linearRow("Permute", x, func(x vr) vr { return autograd.Permute(x, 2, 0, 1) }, func(x arr) arr {
			return tensortest.Build([]int{4, 2, 3}, func(i []int) float64 { return x.At(i[1], i[2], i[0]) })
		}),
		linearRow("Gather", x, func(x vr) vr { return autograd.Gather(x, []int{1, 0, 1, 1}) }, func(x arr) arr {
			return tensortest.Build([]int{4, 3, 4}, func(i []int) float64 { return x.At([]int{1, 0, 1, 1}[i[0]], i[1], i[2]) })
		}),
		linearRow("Gather nothing", x, func(x vr) vr { return autograd.Gather(x, nil) },
			func(x arr) arr { return tensortest.Zeros(0, 3, 4) }),
		linearRow("GatherSum", x, func(x vr) vr { return autograd.GatherSum(x, []int{1, 0, -1, 1, -1, -1, 1, 1}, 2) }, func(x arr) arr {
			return tensortest.Build([]int{4, 3, 4}, func(i []int) float64 {
				sums := [][]float64{{1, 1}, {0, 1}, {0, 0}, {0, 2}}[i[0]] // how often row 0 and row 1
				return sums[0]*x.At(0, i[1], i[2]) + sums[1]*x.At(1, i[1], i[2])
			})
		}),
		linearRow("Take", x, func(x vr) vr { return autograd.Take(x, []int{1, 0, 3, 3, 2, 0}) }, func(x arr) arr {
			return tensortest.Build([]int{2, 3}, func(i []int) float64 {
				return x.At(i[0], i[1], []int{1, 0, 3, 3, 2, 0}[i[0]*3+i[1]])
			})
		}),
		linearRow("Split", x, func(x vr) vr {
			p := autograd.Split(x, 2, 1, 0, 3)
			return autograd.Concat(-1, p[2], p[1], p[0])
		}, func(x arr) arr {
			return tensortest.Build(x.Shape, func(i []int) float64 { return x.At(i[0], i[1], (i[2]+1)%4) })
		}),
	}
	for axis := range 3 {
		other := []int{2, 3, 4}
		other[axis] = 2
		rows = append(rows,
			row{fmt.Sprintf("Concat %d", axis), ins(x, normal(rng, other...), normal(rng, 2, 3, 4)),
				func(in ...vr) vr { return autograd.Concat(axis-3, in...) },
				func(in ...arr) arr {
					shape := []int{2, 3, 4}
					n := shape[axis]
					shape[axis] = 2*n + 2
					return tensortest.Build(shape, func(i []int) float64 {
						i = append([]int{}, i...)
						for _, x := range in {
							if i[axis] < x.Shape[axis] {
								return x.At(i...)
							}
							i[axis] -= x.Shape[axis]
						}
						panic("beyond the last input")
					})
				}},
			linearRow(fmt.Sprintf("Slice %d", axis), x, func(x vr) vr { return autograd.Slice(x, axis, 1, 2) }, func(x arr) arr {
				shape := []int{2, 3, 4}
				shape[axis] = 1
				return tensortest.Build(shape, func(i []int) float64 {
					i = append([]int{}, i...)
					i[axis]++
					return x.At(i...)
				})
			}))
	}
	for axis := range 4 {
		rows = append(rows, row{fmt.Sprintf("Stack %d", axis), ins(x, normal(rng, 2, 3, 4)),
			func(in ...vr) vr { return autograd.Stack(axis-4, in...) },
			func(in ...arr) arr {
				shape := append(append(append([]int{}, x.Shape()[:axis]...), 2), x.Shape()[axis:]...)
				return tensortest.Build(shape, func(i []int) float64 {
					return in[i[axis]].At(append(append([]int{}, i[:axis]...), i[axis+1:]...)...)
				})
			}})
	}
	return rows
}
