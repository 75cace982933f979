package charcnnrnn

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// Length is how many characters of a caption the published encoders read.
const Length = 201

// Columns returns the first length characters of a caption as columns of [OneHot], −1 for those outside the alphabet and for
// the places past the caption's end. A character is a Unicode code point, and each byte that is not UTF-8 counts as one that
// is outside the alphabet. It takes time in proportion to length, however long the caption is. It panics if length is
// negative.
func Columns(caption string, length int) []int {
	if length < 0 {
		panic(fmt.Sprintf("charcnnrnn.Columns: want a length of 0 or more, got %d", length))
	}
	columns := make([]int, length)
	n := 0
	for _, r := range caption {
		if n == length {
			break
		}
		columns[n] = Column(r)
		n++
	}
	for ; n < length; n++ {
		columns[n] = -1
	}
	return columns
}

// OneHot returns captions as an encoder reads them, (len(captions), length, [Symbols]): row i of a caption is 1 in the column
// of its character i. Capital letters are read as small ones. Characters outside the alphabet leave a row of zeros, as do
// those missing from a short caption, and what is beyond length is not read. So an empty caption, or one in Cyrillic without
// spaces, is all zeros; [Inspect] tells. It panics if length is negative.
func OneHot(captions []string, length int) *tensor.Tensor {
	x := tensor.New(len(captions), length, Symbols)
	for i, c := range captions {
		for j, column := range Columns(c, length) {
			if column >= 0 {
				x.Data()[(i*length+j)*Symbols+column] = 1
			}
		}
	}
	return x
}
