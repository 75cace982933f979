// Package lapgan paints pictures from coarse to fine: a pyramid whose levels are trained apart, each adding the detail that
// the enlarged result of the level before it lacks. Denton, Chintala, Szlam & Fergus 2015, "Deep generative image models
// using a Laplacian pyramid of adversarial networks".
//
//	p := lapgan.Pyramid{Sizes: []int{8, 16, 32}, Levels: []lapgan.Level{base, cgan16, cgan32}}
//	chain := p.Sample(rng, lapgan.Class(3))        // 8×8, then what each level added, then 32×32
//	again := p.Redraw(rng, chain.Coarsest())       // same start, other details
//
// A level is anything that can draw samples, see [Level]. The paper's generators are here ([NewDense], [NewConv], [NewLSUN]),
// the autoregressive models of van den Oord et al. are in package lapgan/pixelrnn, and [Quantised] makes levels of them.
// Levels of one pyramid may be of different kinds.
package lapgan
