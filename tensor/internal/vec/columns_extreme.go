package vec

// ColumnLargest sets best[c] to the largest of it and of the elements of column c, NaN if any is, in rows as
// [ColumnSumsStrided] has them. best holds float32 values.
func ColumnLargest(best []float64, x []float32, stride int) { columnExtremes(true, best, x, stride) }

// ColumnSmallest sets best[c] to the smallest of it and of the elements of column c, NaN if any is, in rows as
// [ColumnSumsStrided] has them. best holds float32 values.
func ColumnSmallest(best []float64, x []float32, stride int) { columnExtremes(false, best, x, stride) }

func columnExtremes(largest bool, best []float64, x []float32, stride int) {
	c := len(best)
	rows := wholeRows(len(x), c, stride)
	if rows == 0 {
		return
	}
	// Several short rows that lie together are taken as one.
	const wide = 64
	together := 1
	if stride == c && c < wide {
		together = min(wide/c, rows)
	}
	var t tile
	for from := 0; from < c; from += tileLen {
		n := min(tileLen, c-from)
		b := t[:n*together]
		for i := range b {
			b[i] = float32(best[from+i%n])
		}
		for r := 0; r < rows; r += together {
			keepExtremes(largest, b[:n*min(together, rows-r)], x[r*stride+from:])
		}
		for i := n; i < len(b); i += n {
			keepExtremes(largest, b[:n], b[i:])
		}
		for i, v := range b[:n] {
			best[from+i] = float64(v)
		}
	}
}

func keepExtremes(largest bool, best, x []float32) {
	if largest {
		runMax(best, best, x[:len(best)])
	} else {
		runMin(best, best, x[:len(best)])
	}
}
