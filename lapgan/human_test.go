package lapgan

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestHumanTestPage(t *testing.T) {
	h := HumanTest{Sources: []Source{
		{"real", tensor.RandU(newRand(1), 0, 1, 20, 8, 8, 3)}, {`GAN</script>"`, tensor.RandU(newRand(2), 0, 1, 3, 8, 8, 3)},
	}}
	var page bytes.Buffer
	require.NoError(t, h.Write(&page, newRand(3)))
	text := page.String()
	require.Len(t, regexp.MustCompile(`"Exposure":`).FindAllString(text, -1), 22)
	for _, ms := range []string{"50", "2000"} {
		require.Len(t, regexp.MustCompile(`"Exposure":`+ms+`}`).FindAllString(text, -1), 2, "each source at each exposure")
	}
	require.Equal(t, 22, strings.Count(text, "data:image/png;base64,")+strings.Count(text, `data:image\/png;base64,`))
	require.Equal(t, 1, strings.Count(text, "</script>"), "names cannot end the script")
	require.NotContains(t, text, "http")
	require.ErrorContains(t, HumanTest{}.Write(&page, newRand(1)), "without sources")
	require.ErrorContains(t, HumanTest{Sources: []Source{{Name: "none"}}}.Write(&page, newRand(1)), "no pictures")
}

func TestRates(t *testing.T) {
	a, err := ReadAnswers(strings.NewReader("trial,source,exposure_ms,answer\n0,\"a,b\",50,real\n1,\"a,b\",50,fake\n2,\"a,b\",2000,real\n3,c,50,fake\n"))
	require.NoError(t, err)
	got := Rates(a)
	require.Len(t, got, 5)
	require.Equal(t, "a,b", got[0].Source)
	require.InDelta(t, 2.0/3, got[0].Real, 1e-12)
	require.Equal(t, Rate{Source: "a,b", Exposure: 50, N: 2, Real: 0.5, Low: got[1].Low, High: got[1].High}, got[1])
	// R's binom::binom.confint(5, 10, methods = "wilson") and (0, 10).
	low, high := wilson(0.5, 10)
	require.InDelta(t, 0.2365931, low, 1e-6)
	require.InDelta(t, 0.7634069, high, 1e-6)
	low, high = wilson(0, 10)
	require.InDelta(t, 0, low, 1e-9)
	require.InDelta(t, 0.2775328, high, 1e-6)
}

func FuzzReadAnswers(f *testing.F) {
	f.Add("trial,source,exposure_ms,answer\n0,real,50,real\n")
	f.Add("trial,source,exposure_ms,answer\n0,real,x,real\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ReadAnswers(strings.NewReader(s))
		if err != nil {
			require.Contains(t, err.Error(), "answers of a human test")
			return
		}
		for _, r := range Rates(a) {
			require.True(t, r.Low <= r.Real+1e-9 && r.Real <= r.High+1e-9, "%+v", r)
		}
	})
}
