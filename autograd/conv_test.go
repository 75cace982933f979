package autograd_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
)

func convRows() []row {
	rng := rand.New(rand.NewPCG(5, 1))
	var rows []row
	for _, c := range []struct {
		x, w []int
		spec tensor.ConvSpec
	}{
		{[]int{2, 4, 3, 2}, []int{1, 1, 2, 3}, tensor.ConvSpec{}},
		{[]int{1, 4, 5, 2}, []int{3, 3, 2, 2}, tensor.ConvSpec{PadT: 1, PadB: 1, PadL: 1, PadR: 1}},
		{[]int{1, 5, 6, 1}, []int{3, 2, 1, 2}, tensor.ConvSpec{StrideH: 2, StrideW: 3}},
		{[]int{1, 4, 4, 1}, []int{4, 4, 1, 2}, tensor.ConvSpec{StrideH: 2, StrideW: 2, PadT: 1, PadB: 1, PadL: 1, PadR: 1}},
		{[]int{1, 6, 5, 1}, []int{2, 2, 1, 1}, tensor.ConvSpec{DilH: 2, DilW: 3}},
		{[]int{1, 3, 4, 4}, []int{2, 2, 2, 4}, tensor.ConvSpec{Groups: 2}},
		{[]int{1, 3, 3, 3}, []int{2, 2, 1, 6}, tensor.ConvSpec{Groups: 3, PadR: 1}},
		{[]int{1, 3, 4, 1}, []int{2, 3, 1, 2}, tensor.ConvSpec{PadT: 2, PadL: 1, StrideH: 2}},
		{[]int{1, 6, 6, 1}, []int{2, 2, 1, 2}, tensor.ConvSpec{PadT: -1, PadB: -2, PadL: 1, PadR: -1}},
		{[]int{1, 6, 7, 2}, []int{3, 2, 1, 2}, tensor.ConvSpec{Groups: 2, StrideH: 2, StrideW: 2, DilH: 2, PadT: 1, PadL: 2, PadR: 1}},
	} {
		rows = append(rows, row{fmt.Sprintf("Conv2D %v%v%+v", c.x, c.w, c.spec), ins(normal(rng, c.x...), normal(rng, c.w...)),
			func(in ...vr) vr { return autograd.Conv2D(in[0], in[1], c.spec) },
			func(in ...arr) arr { return tensortest.Conv2D(in[0], in[1], c.spec) }})
	}
	for _, c := range []struct {
		x, w []int
		spec tensor.ConvTransposeSpec
	}{
		{[]int{2, 2, 3, 2}, []int{2, 2, 3, 2}, tensor.ConvTransposeSpec{}},
		{[]int{1, 1, 1, 3}, []int{4, 4, 2, 3}, tensor.ConvTransposeSpec{}},
		{[]int{1, 3, 2, 2}, []int{4, 4, 1, 2}, tensor.ConvTransposeSpec{
			ConvSpec: tensor.ConvSpec{StrideH: 2, StrideW: 2, PadT: 1, PadB: 1, PadL: 1, PadR: 1}}},
		{[]int{1, 2, 3, 2}, []int{3, 3, 1, 2}, tensor.ConvTransposeSpec{
			ConvSpec: tensor.ConvSpec{StrideH: 2, StrideW: 3, PadT: 1, PadB: 1, PadL: 1, PadR: 1}, OutPadH: 1, OutPadW: 2}},
		{[]int{1, 2, 2, 4}, []int{2, 2, 1, 4}, tensor.ConvTransposeSpec{ConvSpec: tensor.ConvSpec{Groups: 2, StrideH: 2}, OutPadH: 1}},
		{[]int{1, 3, 2, 1}, []int{2, 3, 2, 1}, tensor.ConvTransposeSpec{ConvSpec: tensor.ConvSpec{DilH: 2, DilW: 2, PadL: 1}}},
		{[]int{1, 3, 3, 1}, []int{2, 2, 1, 1}, tensor.ConvTransposeSpec{ConvSpec: tensor.ConvSpec{PadT: -1, PadR: -2, PadB: 1}}},
	} {
		rows = append(rows, row{fmt.Sprintf("ConvTranspose2D %v%v%+v", c.x, c.w, c.spec), ins(normal(rng, c.x...), normal(rng, c.w...)),
			func(in ...vr) vr { return autograd.ConvTranspose2D(in[0], in[1], c.spec) },
			func(in ...arr) arr { return tensortest.ConvTranspose2D(in[0], in[1], c.spec) }})
	}
	return rows
}
