package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// An arena must never lend the same memory twice at a time, whatever is given back in whatever order.
func TestArenaLendsMemoryOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a tensor.Arena
		live := map[tsr]float32{}
		mark := []int{0}
		since := [][]tsr{nil}
		next := float32(1)
		t.Repeat(map[string]func(*rapid.T){
			"new": func(t *rapid.T) {
				x := a.New(rapid.IntRange(0, 5).Draw(t, "n"), rapid.IntRange(0, 40).Draw(t, "m"))
				x.Fill(next)
				live[x] = next
				since[len(since)-1] = append(since[len(since)-1], x)
				next++
			},
			"release": func(t *rapid.T) {
				for x := range live {
					a.Release(x.Reshape(-1, 1)) // a view gives the whole back
					a.Release(x)                // a second time changes nothing
					require.False(t, a.Owns(x))
					delete(live, x)
					break
				}
			},
			"mark": func(*rapid.T) {
				mark, since = append(mark, a.Mark()), append(since, nil)
			},
			"release since the mark": func(t *rapid.T) {
				last := len(mark) - 1
				var keep []tsr
				for _, x := range since[last] {
					if _, ok := live[x]; ok && rapid.Bool().Draw(t, "keep") {
						keep = append(keep, x)
					} else {
						delete(live, x)
					}
				}
				a.ReleaseSince(mark[last], append(keep, nil)...)
				if last == 0 {
					since[0] = keep
					return
				}
				mark, since = mark[:last], since[:last]
				since[last-1] = append(since[last-1], keep...)
			},
			"": func(t *rapid.T) {
				for x, v := range live {
					require.True(t, a.Owns(x))
					for _, got := range x.Data() {
						require.Equal(t, v, got)
					}
				}
			},
		})
	})
}

func TestArenaReuses(t *testing.T) {
	var a tensor.Arena
	step := func() {
		for _, n := range []int{1, 100, 1000, 1025, 3000} {
			a.New(n)
			a.Zeros(n, 2)
		}
		a.Reset()
	}
	step()
	held := a.Bytes()
	require.Positive(t, held)
	for range 3 {
		step()
	}
	require.Equal(t, held, a.Bytes())
	require.Zero(t, tensor.Sum(a.Zeros(3000)).Item(), "Zeros clears what was used before")
}

func TestArenaMarks(t *testing.T) {
	var a tensor.Arena
	x := a.New(3)
	mark := a.Mark()
	y := a.New(3)
	require.False(t, a.LentSince(mark, x))
	require.True(t, a.LentSince(mark, y))
	require.False(t, a.Owns(tensor.New(3)))
	require.True(t, a.Owns(y.Rows(1, 2)))
	require.False(t, a.Owns(y.Clone()))
	require.False(t, tensor.SharesMemory(x, y))
}

func TestNilArena(t *testing.T) {
	var a *tensor.Arena
	x := a.New(2, 3)
	require.Equal(t, make([]float32, 6), x.Data())
	a.Release(x)
	a.ReleaseSince(a.Mark())
	a.Reset()
	require.False(t, a.Owns(x))
	require.Zero(t, a.Bytes())
}

func TestArenaSlack(t *testing.T) {
	for n := range 5000 {
		var a tensor.Arena
		require.Equal(t, n, a.New(n).Len())
		held := int(a.Bytes() / 4)
		require.GreaterOrEqual(t, held, n)
		require.LessOrEqual(t, held, max(16, n+n/4+1), "%d", n)
	}
}

func TestArenaMistakes(t *testing.T) {
	var a, b tensor.Arena
	b.New(1)
	x := a.New(1)
	requirePanics(t, []mistake{
		{"tensor.Arena.Release: the tensor belongs to another arena", func() { b.Release(x) }},
		{"tensor.Arena.New: impossible shape (-1)", func() { a.New(-1) }},
	})
}

func TestArenasBeside(t *testing.T) {
	var a tensor.Arena
	b := a.Beside()
	x := a.New(1000)
	require.Equal(t, a.Place(x), a.Place(x.Reshape(10, 100)))
	require.Equal(t, -1, b.Place(x))
	require.Equal(t, -1, a.Place(tensor.New(3)))
	require.NotEqual(t, a.Place(x), a.Place(a.New(1)))
	a.Release(x)
	y := b.New(900) // in x's memory, which is a little large
	require.False(t, a.Owns(y))
	require.True(t, b.Owns(y))
	require.Equal(t, int64(4*1024), b.Bytes())
	b.New(1000)
	require.Equal(t, int64(2*4*1024), b.Bytes())
}
