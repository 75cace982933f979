package mos

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A key that ReadKey accepts is one, whatever else the file holds, and can be added up by.
func FuzzReadKey(f *testing.F) {
	f.Add([]byte(`{"pictures":{"p1":{"picture":"tabby","method":"A"}}}`))
	f.Add([]byte(`{"pictures":null}`))
	f.Add([]byte(`{"pictures":{"p1":{"wings":2}}}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := ReadKey(bytes.NewReader(b))
		if err != nil {
			require.ErrorContains(t, err, "mos: ")
			return
		}
		text, err := json.Marshal(key)
		require.NoError(t, err)
		again, err := ReadKey(bytes.NewReader(text))
		require.NoError(t, err)
		require.Len(t, again.Pictures, len(key.Pictures))
		var r Ratings
		for picture := range key.Pictures {
			r.Ratings = append(r.Ratings, Rating{Picture: picture, Rating: 3})
		}
		scores, err := Aggregate(key, []Ratings{r})
		require.NoError(t, err)
		for _, s := range scores {
			require.Equal(t, 3.0, s.Mean)
		}
	})
}

func TestLongFilesAreRefused(t *testing.T) {
	_, err := ReadKey(strings.NewReader(`{"pictures":` + strings.Repeat(" ", maxFile) + "{}}"))
	require.ErrorContains(t, err, "mos: ")
}
