package vec

// The functions of this file see x as rows of as many columns as there are sums and add, for each column, to its sum.
// With 32 columns or more a column is summed in the order of the rows. Narrower rows are dealt out in turn to 32/columns
// partial sums (rounded down), which start at 0 and are added in their order. All sums are float64. The functions panic
// if the length of x is not a multiple of the columns.

// ColumnSums adds the elements of each column to its sum.
func ColumnSums(sum []float64, x []float32) { columns(sums, sum, nil, x, nil, nil, len(sum)) }

// ColumnSumsStrided is [ColumnSums] of the first len(sum) columns of rows that are stride elements apart. x ends with the
// last of them. If stride is larger than len(sum), even narrow rows are summed in their order.
func ColumnSumsStrided(sum []float64, x []float32, stride int) {
	columns(sums, sum, nil, x, nil, nil, stride)
}

// ColumnDots adds x·g of each column to its sum.
func ColumnDots(sum []float64, x, g []float32) {
	columns(dots, sum, nil, x, same(g, len(x)), nil, len(sum))
}

// ColumnMoments adds the distances d of the elements from first, which has a value for each column, to sum, and d² to
// square. first should be close to the mean, so that the squares of large numbers do not swallow the variance.
func ColumnMoments(sum, square []float64, x, first []float32) {
	columns(moments, sum, same(square, len(sum)), x, nil, same(first, len(sum)), len(sum))
}

// ColumnCentredDots adds g to sum and g·(x−mean) to dot; mean has a value for each column. The difference is rounded to
// float32.
func ColumnCentredDots(sum, dot []float64, x, g, mean []float32) {
	columns(centredDots, sum, same(dot, len(sum)), x, same(g, len(x)), same(mean, len(sum)), len(sum))
}

// PReLUGradSlope sets sum[c] to the sum of g[i]·x[i] over i ≡ c (mod len(sum)) where x[i] is not positive. The length of
// x need not be a multiple of len(sum).
func PReLUGradSlope(sum []float64, x, g []float32) {
	clear(sum)
	addPReLUGradSlope(sum, x, same(g, len(x)))
}

func addPReLUGradSlope(sum []float64, x, g []float32) {
	c := len(sum)
	whole := len(x) / c * c
	columns(dotsWhereNegative, sum, nil, x[:whole], g[:whole], nil, c)
	for i, v := range x[whole:] {
		if !(v > 0) {
			sum[i] += float64(v) * float64(g[whole+i])
		}
	}
}

// width is the number of columns that are summed together.
const width = 32

// A block is the sums of some columns, of either statistic.
type block [2][width]float64

type statistic int

const (
	sums statistic = iota
	dots
	dotsWhereNegative
	moments
	centredDots
)

// add folds rows into the sums of the first n columns of the block. fixed has a value for each column.
func (b *block) add(st statistic, x, g, fixed []float32, rows, stride, n int) {
	if rows == 0 || n == 0 {
		return
	}
	need := (rows-1)*stride + n
	x = same(x, need)
	switch st {
	case sums:
		runSums(b, x, rows, stride, n)
	case dots:
		runDots(b, x, same(g, need), rows, stride, n)
	case dotsWhereNegative:
		runDotsWhereNegative(b, x, same(g, need), rows, stride, n)
	case moments:
		runMoments(b, x, same(fixed, n), rows, stride, n)
	case centredDots:
		runCentredDots(b, x, same(g, need), same(fixed, n), rows, stride, n)
	}
}

func columns(st statistic, sum0, sum1 []float64, x, g, fixed []float32, stride int) {
	c := len(sum0)
	rows := wholeRows(len(x), c, stride)
	if rows == 0 {
		return
	}
	if c < width && stride == c {
		narrow(st, sum0, sum1, x, g, fixed)
		return
	}
	// Blocks of rows fit the first cache, so that all columns of them are read from memory once.
	const cached = 1 << 13
	some := max(1, cached/c)
	if c <= wideWidth {
		some = rows
	}
	wide := hasWide()
	for r := 0; r < rows; r += some {
		k := min(some, rows-r)
		for c0 := 0; c0 < c; c0 += width {
			at := r*stride + c0
			if wide && c-c0 >= wideWidth {
				runWide(st, sum0[c0:], from(sum1, c0), x[at:], from(g, at), from(fixed, c0), k, stride)
				c0 += wideWidth - width
				continue
			}
			var b block
			n := copy(b[0][:], sum0[c0:])
			if sum1 != nil {
				copy(b[1][:], sum1[c0:])
			}
			b.add(st, x[at:], from(g, at), from(fixed, c0), k, stride, n)
			copy(sum0[c0:], b[0][:n])
			if sum1 != nil {
				copy(sum1[c0:], b[1][:n])
			}
		}
	}
}

// wideWidth is the number of columns that some processors have the registers for. They start from the sums there are.
const wideWidth = 64

// from is s[at:], or nil of nil.
func from[T any](s []T, at int) []T {
	if s == nil {
		return nil
	}
	return s[at:]
}

// wholeRows returns how many rows of c columns n elements are, and panics if the last one is broken.
func wholeRows(n, c, stride int) int {
	if n == 0 {
		return 0
	}
	if c == 0 || stride < c || n < c || (n-c)%stride != 0 {
		panic("vec: a matrix ends within a row")
	}
	return (n-c)/stride + 1
}

// narrow takes several short rows as one.
func narrow(st statistic, sum0, sum1 []float64, x, g, fixed []float32) {
	c := len(sum0)
	k := width / c
	wide := k * c
	var b block
	var repeated [width]float32
	if fixed != nil {
		for i := range k {
			copy(repeated[i*c:], fixed[:c])
		}
		fixed = repeated[:wide]
	}
	rows := len(x) / wide
	b.add(st, x, g, fixed, rows, wide, wide)
	if at := rows * wide; at < len(x) {
		if g != nil {
			g = g[at:]
		}
		b.add(st, x[at:], g, fixed, 1, wide, len(x)-at)
	}
	for i := range c {
		for j := i; j < wide; j += c {
			sum0[i] += b[0][j]
			if sum1 != nil {
				sum1[i] += b[1][j]
			}
		}
	}
}
