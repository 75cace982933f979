//go:build (amd64 || arm64) && !noasm

package gemm

// A tile is a kernel for a fixed number of rows.
type tile struct {
	rows int
	f    func(*byte)
}

// pickTile returns the index of the tile to do next of m rows: as few tiles as possible, of like heights.
func pickTile(tiles []tile, m int) int {
	top := tiles[0].rows
	even := (m + (m+top-1)/top - 1) / ((m + top - 1) / top)
	best := len(tiles) - 1
	for i, t := range tiles {
		if t.rows > m {
			continue
		}
		if t.rows < even {
			return min(best, i)
		}
		best = i
	}
	return best
}
