//go:build !noasm

package gemm

// neonFamily is the tiles for one layout of a, from the tallest, which end with a single row: with one or two vectors of
// columns, and with one to three columns. Tiles of either number of vectors have the same heights.
type neonFamily struct {
	vectors [2][]tile
	part    [3][]tile
}

var neonRows = neonFamily{
	vectors: [2][]tile{
		{{8, neonRows8x4}, {6, neonRows6x4}, {4, neonRows4x4}, {3, neonRows3x4}, {2, neonRows2x4}, {1, neonRows1x4}},
		{{8, neonRows8x8}, {6, neonRows6x8}, {4, neonRows4x8}, {3, neonRows3x8}, {2, neonRows2x8}, {1, neonRows1x8}},
	},
	part: [3][]tile{
		{{8, neonRows8x1}, {4, neonRows4x1}, {2, neonRows2x1}, {1, neonRows1x1}},
		{{8, neonRows8x2}, {4, neonRows4x2}, {2, neonRows2x2}, {1, neonRows1x2}},
		{{8, neonRows8x3}, {4, neonRows4x3}, {2, neonRows2x3}, {1, neonRows1x3}},
	},
}

var neonCols = neonFamily{
	vectors: [2][]tile{
		{{8, neonCols8x4}, {6, neonCols6x4}, {4, neonCols4x4}, {3, neonCols3x4}, {2, neonCols2x4}, {1, neonCols1x4}},
		{{8, neonCols8x8}, {6, neonCols6x8}, {4, neonCols4x8}, {3, neonCols3x8}, {2, neonCols2x8}, {1, neonCols1x8}},
	},
	part: [3][]tile{
		{{8, neonCols8x1}, {4, neonCols4x1}, {2, neonCols2x1}, {1, neonCols1x1}},
		{{8, neonCols8x2}, {4, neonCols4x2}, {2, neonCols2x2}, {1, neonCols1x2}},
		{{8, neonCols8x3}, {4, neonCols4x3}, {2, neonCols2x3}, {1, neonCols1x3}},
	},
}

var neonDots = [MaxDot][]tile{
	{{8, neonDot8x1}, {1, neonDot1x1}}, {{8, neonDot8x2}, {1, neonDot1x2}},
	{{4, neonDot4x3}, {1, neonDot1x3}}, {{4, neonDot4x4}, {1, neonDot1x4}},
}
