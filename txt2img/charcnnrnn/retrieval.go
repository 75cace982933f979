package charcnnrnn

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Texts makes vectors of captions, as [Encoder] does.
type Texts interface {
	Encode(captions []string) *tensor.Tensor // (len(captions),E)
}

// Ranks is how well pictures find their own captions.
type Ranks struct {
	Trials     int     // how often one was looked for
	Candidates int     // among how many, its own included
	Top1       float64 // how often it came first
	StdErr     float64 // of Top1, over pictures
	MeanRank   float64 // 1 is the best
	Chance     float64 // what Top1 would be by chance: 1/Candidates
}

func (r Ranks) String() string {
	return fmt.Sprintf("%.1f %% ± %.1f come first of %d (chance %.1f %%), mean rank %.2f", 100*r.Top1, 100*r.StdErr, r.Candidates,
		100*r.Chance, r.MeanRank)
}

// Retrieve returns the ranks of pictures' own captions in scores (B,B), those on the diagonal, each among all of its row.
func Retrieve(scores *tensor.Tensor) Ranks {
	if scores.Rank() != 2 || scores.Dim(0) != scores.Dim(1) {
		panic(fmt.Sprintf("charcnnrnn.Retrieve: want (B,B), got %s", tensor.Format(scores.Shape())))
	}
	b := scores.Dim(0)
	var sum tally
	for i := range b {
		row := scores.Rows(i, i+1).Data()
		var c contest
		for j, s := range row {
			if j != i {
				c.add(row[i], s)
			}
		}
		sum.add(c.top1(), c.meanRank())
	}
	return sum.ranks(b)
}

// RetrievalOptions are the choices of [Retrieval].
type RetrievalOptions struct {
	Candidates int    // captions to choose from; 0 means 20
	Trials     int    // draws for each picture, of one of its captions and of others; 0 means 10
	Seed       uint64 // of the draws
}

// errFew marks the error of sets that are too small, or whose pictures share their captions.
var errFew = errors.New("too few pictures")

// Retrieval is the test whether pictures find their own captions: one of a picture's captions is put among captions of other
// pictures, drawn at random, one of each, and ranked by the product with the picture's vector. Pictures that share a caption
// with it are left out. Equal scores share their ranks: where all are equal, Top1 is what chance gives. images are the vectors
// (n,E) of the pictures and captions theirs; for pictures that were painted for one caption, that one. It is an error if there
// are not enough other pictures.
func Retrieval(images *tensor.Tensor, text Texts, captions [][]string, o RetrievalOptions) (Ranks, error) {
	k, trials := either(o.Candidates, 20), either(o.Trials, 10)
	n := len(captions)
	if images.Rank() != 2 || images.Dim(0) != n {
		panic(fmt.Sprintf("charcnnrnn.Retrieval: want a vector for each of %d pictures, got %s", n, tensor.Format(images.Shape())))
	}
	if k < 2 || trials < 1 {
		return Ranks{}, fmt.Errorf("charcnnrnn: %d trials with %d candidates; want 1 or more with 2 or more", trials, k)
	}
	var all []string
	from := make([]int, n+1) // where the captions of each picture begin
	holders := map[string][]int{}
	for i, cs := range captions {
		if len(cs) == 0 {
			return Ranks{}, fmt.Errorf("charcnnrnn: picture %d has no caption", i)
		}
		for _, c := range cs {
			all = append(all, c)
			holders[strings.ToLower(c)] = append(holders[strings.ToLower(c)], i)
		}
		from[i+1] = len(all)
	}
	vectors := text.Encode(all)
	width := images.Dim(1)
	if vectors.Dim(1) != width {
		panic(fmt.Sprintf("charcnnrnn.Retrieval: pictures have vectors of %d, captions of %d", width, vectors.Dim(1)))
	}
	var sum tally
	for i := range n {
		near := map[int]bool{i: true} // pictures that share a caption with i
		for _, c := range captions[i] {
			for _, j := range holders[strings.ToLower(c)] {
				near[j] = true
			}
		}
		if n-len(near) < k-1 {
			return Ranks{}, fmt.Errorf("charcnnrnn: %w: picture %d has %d others to be told from; want %d", errFew, i, n-len(near), k-1)
		}
		rng := data.Stream(o.Seed, uint64(i))
		score := func(j int) float32 {
			c := from[j] + rng.IntN(from[j+1]-from[j])
			return float32(tensor.Dot(images.Rows(i, i+1), vectors.Rows(c, c+1)))
		}
		var first, rank float64
		for range trials {
			own := score(i)
			var c contest
			others := 0
			for _, j := range rng.Perm(n) {
				if others == k-1 {
					break
				}
				if !near[j] {
					c.add(own, score(j))
					others++
				}
			}
			first += c.top1()
			rank += c.meanRank()
		}
		sum.add(first/float64(trials), rank/float64(trials))
	}
	r := sum.ranks(k)
	r.Trials = n * trials
	return r, nil
}

// contest is how one score fared against others.
type contest struct{ above, equal float64 }

// add counts a score against one's own. What is not a number wins against it, and so does all if it is not one itself.
func (c *contest) add(own, other float32) {
	switch {
	case other < own:
	case other == own:
		c.equal++
	default:
		c.above++
	}
}

// top1 is the probability to come first if equal scores are put in a random order.
func (c contest) top1() float64 {
	if c.above > 0 {
		return 0
	}
	return 1 / (1 + c.equal)
}

func (c contest) meanRank() float64 { return 1 + c.above + c.equal/2 }

// tally sums contests up.
type tally struct{ n, first, squares, rank float64 }

func (t *tally) add(first, rank float64) {
	t.n++
	t.first += first
	t.squares += first * first
	t.rank += rank
}

func (t tally) ranks(candidates int) Ranks {
	if t.n == 0 {
		return Ranks{Candidates: candidates, Chance: 1 / float64(candidates)}
	}
	mean := t.first / t.n
	return Ranks{
		Trials: int(t.n), Candidates: candidates, Chance: 1 / float64(candidates),
		Top1: mean, MeanRank: t.rank / t.n, StdErr: math.Sqrt(max(t.squares/t.n-mean*mean, 0) / t.n),
	}
}
