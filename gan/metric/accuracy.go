package metric

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// Recognised returns the share of pictures in which a judge finds the class that was asked for: its accuracy if the
// pictures are real, the faithfulness of a conditional generator if they are generated. It is an error if there is not one
// label for each picture or if the judge does not know one.
func Recognised(judge Recogniser, m Images, labels []int) (Figure, error) {
	found, err := confusion(judge, m, labels)
	if err != nil {
		return Figure{}, err
	}
	right := 0
	for k, row := range found {
		right += row[k]
	}
	return Figure{Name: "recognised", Value: float64(right) / float64(len(labels)), Protocol: protocol(
		"judge "+judge.Name(), fmt.Sprintf("%d classes", len(found)), fmt.Sprintf("%d pictures", len(labels)))}, nil
}

// Confusion returns how often a judge takes class i for class k, at [i][k].
func Confusion(judge Recogniser, m Images, labels []int) ([][]int, error) {
	return confusion(judge, m, labels)
}

func confusion(judge Recogniser, m Images, labels []int) ([][]int, error) {
	if len(labels) != m.Len() {
		return nil, fmt.Errorf("metric: %d labels for %d pictures", len(labels), m.Len())
	}
	var found [][]int
	err := eachOutput(judge.Name(), judge.Forward, m, func(lo int, y *tensor.Tensor) error {
		classes := y.Dim(1)
		if found == nil {
			found = make([][]int, classes)
			for k := range found {
				found[k] = make([]int, classes)
			}
		}
		for i, k := range tensor.ArgMax(y, 1) {
			want := labels[lo+i]
			if want < 0 || want >= classes {
				return fmt.Errorf("metric: picture %d is of class %d; judge %q knows 0 to %d", lo+i, want, judge.Name(), classes-1)
			}
			found[want][k]++
		}
		return nil
	})
	return found, err
}
