//go:build !noasm

package gemm

// neonFamily is the tiles for one layout of a, with one to four vectors of columns and with one to three columns. All
// lists have the same heights, from the tallest to a single row.
type neonFamily struct {
	vectors [4][]tile
	part    [3][]tile
}

var neonRows = neonFamily{
	vectors: [4][]tile{
		{{6, neonRows6x4}, {4, neonRows4x4}, {3, neonRows3x4}, {2, neonRows2x4}, {1, neonRows1x4}},
		{{6, neonRows6x8}, {4, neonRows4x8}, {3, neonRows3x8}, {2, neonRows2x8}, {1, neonRows1x8}},
		{{6, neonRows6x12}, {4, neonRows4x12}, {3, neonRows3x12}, {2, neonRows2x12}, {1, neonRows1x12}},
		{{6, neonRows6x16}, {4, neonRows4x16}, {3, neonRows3x16}, {2, neonRows2x16}, {1, neonRows1x16}},
	},
	part: [3][]tile{
		{{6, neonRows6x1}, {4, neonRows4x1}, {3, neonRows3x1}, {2, neonRows2x1}, {1, neonRows1x1}},
		{{6, neonRows6x2}, {4, neonRows4x2}, {3, neonRows3x2}, {2, neonRows2x2}, {1, neonRows1x2}},
		{{6, neonRows6x3}, {4, neonRows4x3}, {3, neonRows3x3}, {2, neonRows2x3}, {1, neonRows1x3}},
	},
}

var neonCols = neonFamily{
	vectors: [4][]tile{
		{{6, neonCols6x4}, {4, neonCols4x4}, {3, neonCols3x4}, {2, neonCols2x4}, {1, neonCols1x4}},
		{{6, neonCols6x8}, {4, neonCols4x8}, {3, neonCols3x8}, {2, neonCols2x8}, {1, neonCols1x8}},
		{{6, neonCols6x12}, {4, neonCols4x12}, {3, neonCols3x12}, {2, neonCols2x12}, {1, neonCols1x12}},
		{{6, neonCols6x16}, {4, neonCols4x16}, {3, neonCols3x16}, {2, neonCols2x16}, {1, neonCols1x16}},
	},
	part: [3][]tile{
		{{6, neonCols6x1}, {4, neonCols4x1}, {3, neonCols3x1}, {2, neonCols2x1}, {1, neonCols1x1}},
		{{6, neonCols6x2}, {4, neonCols4x2}, {3, neonCols3x2}, {2, neonCols2x2}, {1, neonCols1x2}},
		{{6, neonCols6x3}, {4, neonCols4x3}, {3, neonCols3x3}, {2, neonCols2x3}, {1, neonCols1x3}},
	},
}

var neonDots = [MaxDot][]tile{
	{{8, neonDot8x1}, {1, neonDot1x1}}, {{8, neonDot8x2}, {1, neonDot1x2}},
	{{4, neonDot4x3}, {1, neonDot1x3}}, {{4, neonDot4x4}, {1, neonDot1x4}},
}
