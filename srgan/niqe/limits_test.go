package niqe

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

// text is a model file of the right size with all covariances the same.
func text(patch int, mean, covariance string) string {
	repeat := func(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
	return fmt.Sprintf(`{"patch":%d,"mean":[%s],"covariance":[%s]}`, patch, repeat(mean, features), repeat(covariance, features*features))
}

// What Read accepts can score a picture, or says why not, and comes back the same.
func FuzzRead(f *testing.F) {
	for _, s := range []string{text(16, "0.5", "0.1"), text(16, "1e308", "1e308"), text(16, "0", "-1"), text(math.MaxInt, "0", "1"), text(-2, "0", "1"),
		text(15, "0", "1"), `{}`, `null`, `{"patch":16,"mean":[`, `{"wings":1}`} {
		f.Add(s)
	}
	x := tensor.RandU(rand.New(rand.NewPCG(3, 3)), 0, 1, 32, 40, 1)
	f.Fuzz(func(t *testing.T, s string) {
		m, err := Read(strings.NewReader(s))
		if err != nil {
			require.ErrorContains(t, err, "niqe: ")
			return
		}
		if v, err := m.Score(x); err != nil {
			require.NotEmpty(t, err.Error())
		} else {
			require.GreaterOrEqual(t, v, 0.0)
		}
		var b bytes.Buffer
		require.NoError(t, m.Write(&b))
		again, err := Read(&b)
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

func TestLongModelIsRefused(t *testing.T) {
	_, err := Read(strings.NewReader(`{"patch":` + strings.Repeat(" ", maxModel) + "16}"))
	require.ErrorContains(t, err, "niqe: not a model")
}
