package main

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/cpu/neon"
)

// armSets write the files of the kernels for arm64.
var armSets = map[string]func() *neon.File{"neon": armKernels, "convneon": armConvolution, "phasesneon": armPolyphase}

// Offsets of the fields of gemm.args for arm64.
const (
	armA, armB, armC, armOffs             = 0, 8, 16, 24
	armAStride, armBStride, armCStride    = 32, 40, 48
	armK, armTaps, armAccumulate, armLast = 56, 64, 72, 80
)

// General registers of the kernels. The rows of a have eight from armRow on.
const (
	armArgs, armBPtr, armBStep, armCount neon.X = 0, 1, 2, 3
	armTap, armTapsLeft, armStart        neon.X = 4, 5, 6
	armLastVector                        neon.X = 7
	armRow                               neon.X = 8
	armAStep, armTmp                     neon.X = 16, 17
	armColumn                            neon.X = 19
)

// The tallest tile is 6 rows of 4 vectors: 24 sums, which are enough for the pipes of large processors, 6 registers with
// values of a, and 2 with columns of b. armCols are the columns of the tiles: where they are 4 or more, the last vector
// starts where the arguments say and may overlap the one before it, so that a tile serves up to 3 columns less.
var armCols = []int{16, 12, 8, 4, 3, 2, 1}

func armKernels() *neon.File {
	f := neon.NewFile("gemm", "go run . -set neon -to ../neon_arm64")
	for _, cols := range armCols {
		for _, mr := range []int{6, 4, 3, 2, 1} {
			armRows(f, mr, cols)
			armColumns(f, mr, cols)
		}
	}
	for i, mr := range []int{8, 8, 4, 4} {
		armDot(f, mr, i+1)
		armDot(f, 1, i+1)
	}
	return f
}

func armField(g *neon.Func, offset int, to neon.X) { g.Go("MOVD %d(R%d), R%d", offset, armArgs, to) }

// armPart loads or stores n < 4 float32 at base. It changes armTmp.
func armPart(g *neon.Func, store bool, v neon.V, base neon.X, n int) {
	whole, lane := neon.Load, neon.LoadLane
	if store {
		whole, lane = neon.Store, neon.StoreLane
	}
	g.Do(whole(v, base, 0, []int{0, neon.One, neon.Two, neon.Two}[n]))
	if n == 3 {
		g.Go("ADD $8, R%d, R%d", base, armTmp)
		g.Do(lane(v, 2, armTmp))
	}
}

// An armTile multiplies mr rows and cols columns. Its sums are in the first vector registers, row by row; values of a
// come into those from armAVectors on, and columns of b into those from armBVectors on.
type armTile struct {
	*neon.Func
	mr, cols, vectors int
}

const armAVectors, armBVectors neon.V = 24, 30

func (t *armTile) sum(row, z int) neon.V { return neon.V(row*t.vectors + z) }

// move loads or stores the z-th vector of a row of b or c.
func (t *armTile) move(store bool, v neon.V, base neon.X, z int) {
	if t.cols < 4 {
		armPart(t.Func, store, v, base, t.cols)
		return
	}
	whole, indexed := neon.Load, neon.LoadIndexed
	if store {
		whole, indexed = neon.Store, neon.StoreIndexed
	}
	if z > 0 && z == t.vectors-1 {
		t.Do(indexed(v, base, armLastVector, neon.Four))
	} else {
		t.Do(whole(v, base, 16*z, neon.Four))
	}
}

// step adds the products of a row of b with the given lanes of a.
func (t *armTile) step(a func(row int) (v neon.V, lane int)) {
	for z := range t.vectors {
		b := armBVectors + neon.V(z%2)
		t.move(false, b, armBPtr, z)
		for r := range t.mr {
			v, lane := a(r)
			t.Do(neon.MulAddLane(t.sum(r, z), b, v, lane))
		}
	}
	t.Go("ADD R%d, R%d", armBStep, armBPtr)
}

func armBegin(f *neon.File, kind string, mr, cols int, doc string) *armTile {
	g := f.Func(fmt.Sprintf("neon%s%dx%d", kind, mr, cols), "a *byte", doc)
	g.Param("a", armArgs)
	t := &armTile{g, mr, cols, (cols + 3) / 4}
	for v := range neon.V(mr * t.vectors) {
		g.Do(neon.Zero(v))
	}
	armField(g, armB, armBPtr)
	armField(g, armBStride, armBStep)
	armField(g, armAStride, armAStep)
	armField(g, armLast, armLastVector)
	return t
}

func armDescribe(mr, cols int, where string) string {
	c := fmt.Sprint(cols)
	if cols > 4 {
		c = fmt.Sprintf("%d to %d", cols-3, cols)
	}
	return fmt.Sprintf("A tile of %d rows and %s columns; %s.", mr, c, where)
}

// armRows writes the kernel whose a has its rows at equal distances and k along memory, tap after tap.
func armRows(f *neon.File, mr, cols int) {
	t := armBegin(f, "Rows", mr, cols, armDescribe(mr, cols, "the products of a row's a lie side by side"))
	armField(t.Func, armOffs, armTap)
	armField(t.Func, armTaps, armTapsLeft)
	armField(t.Func, armA, armStart)
	t.Label("tap")
	t.Go("MOVD.P 8(R%d), R%d", armTap, armRow)
	t.Go("ADD R%d, R%d", armStart, armRow)
	for r := neon.X(1); r < neon.X(mr); r++ {
		t.Go("ADD R%d, R%d, R%d", armAStep, armRow+r-1, armRow+r)
	}
	armField(t.Func, armK, armCount)
	t.Go("SUBS $4, R%d", armCount)
	t.Go("BLT few")
	t.Go("PCALIGN $16")
	t.Label("loop")
	advance := func(values, bytes int) {
		for r := range mr {
			t.Do(neon.Load(armAVectors+neon.V(r), armRow+neon.X(r), 0, bytes))
			t.Go("ADD $%d, R%d", bytes, armRow+neon.X(r))
		}
		for u := range values {
			t.step(func(r int) (neon.V, int) { return armAVectors + neon.V(r), u })
		}
	}
	advance(4, neon.Four)
	t.Go("SUBS $4, R%d", armCount)
	t.Go("BGE loop")
	t.Label("few")
	t.Go("ADDS $4, R%d", armCount)
	t.Go("BEQ next")
	t.Label("one")
	advance(1, neon.One)
	t.Go("SUBS $1, R%d", armCount)
	t.Go("BNE one")
	t.Label("next")
	t.Go("SUBS $1, R%d", armTapsLeft)
	t.Go("BNE tap")
	t.finish()
}

// armColumns writes the kernel whose a has its rows side by side in memory and k at equal distances.
func armColumns(f *neon.File, mr, cols int) {
	t := armBegin(f, "Cols", mr, cols, armDescribe(mr, cols, "the rows of a lie side by side"))
	armField(t.Func, armA, armRow)
	armField(t.Func, armK, armCount)
	step := func(turn int) {
		a := armAVectors + neon.V(2*(turn%2))
		for r := 0; r < mr; r += 4 {
			v := a + neon.V(r/4)
			switch left := mr - r; {
			case left >= 4:
				t.Do(neon.Load(v, armRow, 4*r, neon.Four))
			case r > 0: // two are left
				t.Do(neon.Load(v, armRow, 4*r, neon.Two))
			default:
				armPart(t.Func, false, v, armRow, left)
			}
		}
		t.Go("ADD R%d, R%d", armAStep, armRow)
		t.step(func(r int) (neon.V, int) { return a + neon.V(r/4), r % 4 })
	}
	t.Go("SUBS $4, R%d", armCount)
	t.Go("BLT few")
	t.Go("PCALIGN $16")
	t.Label("loop")
	for u := range 4 {
		step(u)
	}
	t.Go("SUBS $4, R%d", armCount)
	t.Go("BGE loop")
	t.Label("few")
	t.Go("ADDS $4, R%d", armCount)
	t.Go("BEQ done")
	t.Label("one")
	step(0)
	t.Go("SUBS $1, R%d", armCount)
	t.Go("BNE one")
	t.Label("done")
	t.finish()
}

// finish adds the accumulators to c, or stores them there. All of c is read before some is written, as the vectors of a
// row may overlap.
func (t *armTile) finish() {
	const c, step, accumulate = armBPtr, armBStep, armCount
	armField(t.Func, armC, c)
	armField(t.Func, armCStride, step)
	armField(t.Func, armAccumulate, accumulate)
	t.Go("CBZ R%d, store", accumulate)
	t.Go("MOVD R%d, R%d", c, armStart)
	for r := range t.mr {
		for z := range t.vectors {
			t.move(false, armBVectors, c, z)
			t.Do(neon.FADD.Of(t.sum(r, z), t.sum(r, z), armBVectors))
		}
		if r < t.mr-1 {
			t.Go("ADD R%d, R%d", step, c)
		}
	}
	t.Go("MOVD R%d, R%d", armStart, c)
	t.Label("store")
	for r := range t.mr {
		for z := range t.vectors {
			t.move(true, t.sum(r, z), c, z)
		}
		if r < t.mr-1 {
			t.Go("ADD R%d, R%d", step, c)
		}
	}
	t.Return()
}

// armDot writes the kernel for up to four columns: rows of a and columns of b both have k along memory, each accumulator
// sums every fourth product of one element of c, and the lanes are added at the end. Runs through taps as armRows does.
func armDot(f *neon.File, mr, n int) {
	const index = armTmp
	g := f.Func(fmt.Sprintf("neonDot%dx%d", mr, n), "a *byte",
		fmt.Sprintf("Products of %d rows and %d columns, both with k along memory.", mr, n))
	g.Param("a", armArgs)
	sum := func(r, j int) neon.V { return neon.V(r*n + j) }
	for v := range neon.V(mr * n) {
		g.Do(neon.Zero(v))
	}
	armField(g, armB, armColumn)
	armField(g, armBStride, armBStep)
	armField(g, armAStride, armAStep)
	armField(g, armOffs, armTap)
	armField(g, armTaps, armTapsLeft)
	armField(g, armA, armStart)
	for j := neon.X(1); j < neon.X(n); j++ {
		g.Go("ADD R%d, R%d, R%d", armBStep, armColumn+j-1, armColumn+j)
	}
	g.Label("tap")
	g.Go("MOVD.P 8(R%d), R%d", armTap, armRow)
	g.Go("ADD R%d, R%d", armStart, armRow)
	for r := neon.X(1); r < neon.X(mr); r++ {
		g.Go("ADD R%d, R%d, R%d", armAStep, armRow+r-1, armRow+r)
	}
	armField(g, armK, armCount)
	g.Go("MOVD $0, R%d", index)
	step := func(bytes int) {
		const b, a neon.V = 24, 28
		for j := range n {
			g.Do(neon.LoadIndexed(b+neon.V(j), armColumn+neon.X(j), index, bytes))
		}
		for r := range mr {
			v := a + neon.V(r%4)
			g.Do(neon.LoadIndexed(v, armRow+neon.X(r), index, bytes))
			for j := range n {
				g.Do(neon.FMLA.Of(sum(r, j), v, b+neon.V(j)))
			}
		}
		g.Go("ADD $%d, R%d", bytes, index)
	}
	g.Go("SUBS $4, R%d", armCount)
	g.Go("BLT few")
	g.Go("PCALIGN $16")
	g.Label("loop")
	step(neon.Four)
	g.Go("SUBS $4, R%d", armCount)
	g.Go("BGE loop")
	g.Label("few")
	g.Go("ADDS $4, R%d", armCount)
	g.Go("BEQ next")
	g.Label("one")
	step(neon.One) // the other lanes add 0·0
	g.Go("SUBS $1, R%d", armCount)
	g.Go("BNE one")
	g.Label("next")
	for j := range neon.X(n) {
		g.Go("ADD R%d, R%d", index, armColumn+j)
	}
	g.Go("SUBS $1, R%d", armTapsLeft)
	g.Go("BNE tap")

	const c, stride, accumulate = armBPtr, armBStep, armCount
	const tmp = 24
	armField(g, armC, c)
	armField(g, armCStride, stride)
	armField(g, armAccumulate, accumulate)
	for r := range mr {
		for j := range n {
			g.Do(neon.FADDP.Of(sum(r, j), sum(r, j), sum(r, j)), neon.FADDS.Of(sum(r, j), sum(r, j)))
		}
	}
	each := func(do func(v neon.V, offset int)) {
		for r := range mr {
			for j := range n {
				do(sum(r, j), 4*j)
			}
			if r < mr-1 {
				g.Go("ADD R%d, R%d", stride, c)
			}
		}
	}
	g.Go("CBZ R%d, store", accumulate)
	g.Go("MOVD R%d, R%d", c, armStart)
	each(func(v neon.V, offset int) {
		g.Do(neon.Load(tmp, c, offset, neon.One), neon.FADD.Of(v, v, tmp))
	})
	g.Go("MOVD R%d, R%d", armStart, c)
	g.Label("store")
	each(func(v neon.V, offset int) { g.Do(neon.Store(v, c, offset, neon.One)) })
	g.Return()
}
