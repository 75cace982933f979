//go:build !noasm

package gemm

var avx512 = family{
	lanes: 16, packing: avx512Packing14x2, panels: avx512Panels, transpose: avx512Transpose,
	rows: [2][]tile{{
		{14, avx512Rows14x1}, {12, avx512Rows12x1}, {8, avx512Rows8x1}, {6, avx512Rows6x1},
		{4, avx512Rows4x1}, {3, avx512Rows3x1}, {2, avx512Rows2x1}, {1, avx512Rows1x1},
	}, {
		{14, avx512Rows14x2}, {12, avx512Rows12x2}, {8, avx512Rows8x2}, {6, avx512Rows6x2},
		{4, avx512Rows4x2}, {3, avx512Rows3x2}, {2, avx512Rows2x2}, {1, avx512Rows1x2},
	}},
	cols: [2][]tile{{
		{14, avx512Cols14x1}, {12, avx512Cols12x1}, {8, avx512Cols8x1}, {6, avx512Cols6x1},
		{4, avx512Cols4x1}, {3, avx512Cols3x1}, {2, avx512Cols2x1}, {1, avx512Cols1x1},
	}, {
		{14, avx512Cols14x2}, {12, avx512Cols12x2}, {8, avx512Cols8x2}, {6, avx512Cols6x2},
		{4, avx512Cols4x2}, {3, avx512Cols3x2}, {2, avx512Cols2x2}, {1, avx512Cols1x2},
	}},
	dots: [MaxDot][]tile{
		{{8, avx512Dot8x1}, {1, avx512Dot1x1}}, {{8, avx512Dot8x2}, {1, avx512Dot1x2}},
		{{8, avx512Dot8x3}, {1, avx512Dot1x3}}, {{6, avx512Dot6x4}, {1, avx512Dot1x4}},
	},
}

var avx2 = family{
	lanes: 8, packing: avx2Packing6x2, panels: avx2Panels, transpose: avx2Transpose,
	rows: [2][]tile{
		{{6, avx2Rows6x1}, {4, avx2Rows4x1}, {3, avx2Rows3x1}, {2, avx2Rows2x1}, {1, avx2Rows1x1}},
		{{6, avx2Rows6x2}, {4, avx2Rows4x2}, {3, avx2Rows3x2}, {2, avx2Rows2x2}, {1, avx2Rows1x2}},
	},
	cols: [2][]tile{
		{{6, avx2Cols6x1}, {4, avx2Cols4x1}, {3, avx2Cols3x1}, {2, avx2Cols2x1}, {1, avx2Cols1x1}},
		{{6, avx2Cols6x2}, {4, avx2Cols4x2}, {3, avx2Cols3x2}, {2, avx2Cols2x2}, {1, avx2Cols1x2}},
	},
	dots: [MaxDot][]tile{
		{{8, avx2Dot8x1}, {1, avx2Dot1x1}}, {{4, avx2Dot4x2}, {1, avx2Dot1x2}},
		{{3, avx2Dot3x3}, {1, avx2Dot1x3}}, {{2, avx2Dot2x4}, {1, avx2Dot1x4}},
	},
}
