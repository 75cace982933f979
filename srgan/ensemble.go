package srgan

import (
	"context"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// ways is in how many ways a picture can be turned and mirrored.
const ways = 8

// ensemble returns the mean of what the network makes of an image (H,W,3) put down in every way.
func (u *Upscaler) ensemble(ctx context.Context, rgb *tensor.Tensor) (*tensor.Tensor, error) {
	var sum *tensor.Tensor
	for way := range ways {
		var progress func(float64)
		if u.Progress != nil {
			progress = func(done float64) { u.Progress((float64(way) + done) / ways) }
		}
		y, err := u.single(ctx, data.Turn(rgb, way), progress)
		if err != nil {
			return nil, err
		}
		y = turnBack(y, way)
		if sum == nil {
			sum = y
			continue
		}
		tensor.AddInto(sum, sum, y)
	}
	tensor.AffineInto(sum, sum, 1.0/ways, 0)
	return sum, nil
}

// turnBack undoes data.Turn.
func turnBack(y *tensor.Tensor, way int) *tensor.Tensor {
	if way&4 != 0 {
		y = tensor.Permute(y, 1, 0, 2)
	}
	return data.Turn(y, way&3)
}
