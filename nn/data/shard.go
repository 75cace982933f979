package data

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// Sharder is a source that can cut its batches into k equal shards. A batch may do so itself, with a method
// Shard(i, k int) (B, error).
type Sharder[B any] interface {
	Shard(b B, i, k int) (B, error)
}

// Shard returns shard i of k of a batch: a tensor is cut along its first axis, a batch with a method
// Shard does it itself. It returns an error if the batch cannot be cut, or not into equal parts. Shards share memory with
// the batch.
func Shard[B any](b B, i, k int) (B, error) {
	switch x := any(b).(type) {
	case interface{ Shard(i, k int) (B, error) }:
		return x.Shard(i, k)
	case *tensor.Tensor:
		lo, hi, err := ShardRange(x.Dim(0), i, k)
		if err != nil {
			return b, err
		}
		return any(x.Rows(lo, hi)).(B), nil
	}
	return b, fmt.Errorf("neither the source nor the batch has a method Shard")
}

// ShardRange returns the range of shard i when n examples are cut into k equal shards.
func ShardRange(n, i, k int) (lo, hi int, err error) {
	if k < 1 || n%k != 0 {
		return 0, 0, fmt.Errorf("%d examples are not a multiple of %d", n, k)
	}
	return n / k * i, n / k * (i + 1), nil
}

// Shard implements what [Shard] asks of a batch.
func (p Pair[A, B]) Shard(i, k int) (out Pair[A, B], err error) {
	if out.First, err = Shard(p.First, i, k); err != nil {
		return out, err
	}
	out.Second, err = Shard(p.Second, i, k)
	return out, err
}
