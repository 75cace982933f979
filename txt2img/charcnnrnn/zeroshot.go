package charcnnrnn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// Zero is what [ZeroShot] measures.
type Zero struct {
	Classes int
	Top1    float64 // share of the pictures whose class comes first
	Chance  float64 // what Top1 would be by chance: 1/Classes
	At      int     // how many pictures are retrieved for a class
	AP      float64 // share of them that are of the class, averaged over classes
	Limit   float64 // what AP is at most, since a class may have fewer pictures than At
}

func (z Zero) String() string {
	return fmt.Sprintf("top-1 %.2f %% of %d classes (chance %.2f %%), AP@%d %.2f %% (at most %.2f %%)", 100*z.Top1, z.Classes,
		100*z.Chance, z.At, 100*z.AP, 100*z.Limit)
}

// ZeroShot measures how well vectors (n,E) of pictures and (K,E) of classes go together, where labels say which class in [0,K)
// a picture is of: how often the class of a picture is that with the largest product, and, for each class, how many of the at
// pictures with the largest products are of it, which the papers call AP@50; 0 means 50. If there are fewer pictures than that,
// all of them are retrieved. Equal products share their places. Reed et al. 2016 (CVPR), §5.
func ZeroShot(images *tensor.Tensor, labels []int, classes *tensor.Tensor, at int) Zero {
	if images.Rank() != 2 || images.Dim(0) != len(labels) || classes.Rank() != 2 || classes.Dim(1) != images.Dim(1) {
		panic(fmt.Sprintf("charcnnrnn.ZeroShot: pictures %s with %d labels, classes %s", tensor.Format(images.Shape()), len(labels),
			tensor.Format(classes.Shape())))
	}
	n, k := len(labels), classes.Dim(0)
	z := Zero{Classes: k, Chance: 1 / float64(k), At: min(either(at, 50), n)}
	scores := tensor.New(n, k)
	tensor.MatMulInto(scores, images, classes, false, true)
	size := make([]int, k)
	for i, own := range labels {
		size[own]++
		var c contest
		row := scores.Rows(i, i+1).Data()
		for j, s := range row {
			if j != own {
				c.add(row[own], s)
			}
		}
		z.Top1 += c.top1() / float64(n)
	}
	column := make([]float32, n)
	for j := range k {
		for i := range n {
			column[i] = scores.Data()[i*k+j]
		}
		z.AP += precision(column, func(i int) bool { return labels[i] == j }, z.At) / float64(k)
		z.Limit += math.Min(1, float64(size[j])/float64(z.At)) / float64(k)
	}
	return z
}

// precision is the share of right ones among the at best scores. Of those that are equal at the end of the list, as many are
// counted as a random order would put there.
func precision(scores []float32, right func(i int) bool, at int) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	// NaN is less than all else for cmp.Compare, and so comes last.
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	found := 0.0
	for lo := 0; lo < at; {
		hi, good := lo, 0
		for hi < len(order) && cmp.Compare(scores[order[hi]], scores[order[lo]]) == 0 {
			if right(order[hi]) {
				good++
			}
			hi++
		}
		found += float64(good) * math.Min(1, float64(at-lo)/float64(hi-lo))
		lo = hi
	}
	return found / float64(at)
}

// ClassVectors returns the mean vectors (K,E) of the captions of each class that occurs in labels, and the labels with the
// classes numbered anew from 0 to K−1, in their old order. Every picture has the same say, however many captions it has.
func ClassVectors(text Texts, captions [][]string, labels []int) (vectors *tensor.Tensor, renumbered []int) {
	if len(captions) != len(labels) {
		panic(fmt.Sprintf("charcnnrnn.ClassVectors: captions of %d pictures, %d labels", len(captions), len(labels)))
	}
	var all []string
	for _, cs := range captions {
		all = append(all, cs...)
	}
	encoded := text.Encode(all)
	groups := byClass(labels)
	vectors = tensor.New(len(groups), encoded.Dim(1))
	from := make([]int, len(captions)+1)
	for i, cs := range captions {
		from[i+1] = from[i] + len(cs)
	}
	renumbered = make([]int, len(labels))
	for k, members := range groups {
		row := vectors.Rows(k, k+1)
		for _, i := range members {
			renumbered[i] = k
			for c := from[i]; c < from[i+1]; c++ {
				tensor.AddScaledInto(row, encoded.Rows(c, c+1), 1/float32(len(members)*len(captions[i])))
			}
		}
	}
	return vectors, renumbered
}
