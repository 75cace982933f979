package caption

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadText(t *testing.T) {
	got, repaired, err := ReadText(strings.NewReader("\ufeff a bird \r\n\n  \nптица\nlast"), TextOptions{})
	require.NoError(t, err)
	require.Zero(t, repaired)
	require.Equal(t, []string{"a bird", "птица", "last"}, got)

	for want, text := range map[string]string{
		"line 2: byte 4 is not UTF-8 (0xe9): save the file as UTF-8, or set TextOptions.Repair":  "a\ncaf\xe9\n",
		"line 1: has 41 bytes, the limit is 40 (TextOptions.MaxCaption)":                         strings.Repeat("x", 41) + "\n",
		"line 1: has 100000 bytes, the limit is 65536 (TextOptions.MaxCaption)":                  strings.Repeat("x", 100_000),
		"more than the limit of 200000 bytes (TextOptions.MaxBytes)":                             strings.Repeat("x\n", 100_001),
		"holds no captions: want one a line":                                                     " \n\n",
		"line 3: byte 1 is not UTF-8 (0xff): save the file as UTF-8, or set TextOptions.Repair":  "a\n\n\xff\nb",
		"line 1: has 65537 bytes, the limit is 65536 (TextOptions.MaxCaption)":                   " " + strings.Repeat("x", 1<<16+1),
		"line 1: byte 20 is not UTF-8 (0xc3): save the file as UTF-8, or set TextOptions.Repair": strings.Repeat("y", 19) + "\xc3",
	} {
		o := TextOptions{MaxBytes: 200_000}
		if strings.Contains(want, "limit is 40") {
			o.MaxCaption = 40
		}
		_, _, err := ReadText(strings.NewReader(text), o)
		require.ErrorContains(t, err, want)
	}
	long, _, err := ReadText(strings.NewReader("  "+strings.Repeat("x", 1<<16)+"  "), TextOptions{})
	require.NoError(t, err)
	require.Len(t, long[0], 1<<16)

	got, repaired, err = ReadText(strings.NewReader("caf\xe9\xe9s\n\xff\n\nfine"), TextOptions{Repair: true})
	require.NoError(t, err)
	require.Equal(t, 2, repaired)
	require.Equal(t, []string{"caf s", "fine"}, got)
	_, _, err = ReadText(strings.NewReader("\xff"), TextOptions{Repair: true})
	require.ErrorContains(t, err, "holds no captions")

	path := filepath.Join(t.TempDir(), "a.txt")
	require.NoError(t, os.WriteFile(path, []byte("a\xff"), 0o600))
	_, _, err = OpenText(path, TextOptions{})
	require.ErrorContains(t, err, "caption: "+path+": line 1: byte 2 is not UTF-8")
	_, _, err = OpenText(path+"x", TextOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestEmptyCaption(t *testing.T) {
	_, _, err := TextOptions{}.Caption([]byte(" \n"))
	require.ErrorContains(t, err, "is empty")
	c, repaired, err := TextOptions{Repair: true}.Caption([]byte(" \n"))
	require.NoError(t, err)
	require.True(t, repaired)
	require.Empty(t, c)
}

func TestJSONCaption(t *testing.T) {
	for _, c := range []struct {
		raw, want, fault string
		repaired         bool
	}{
		{raw: `" a \u0062ird "`, want: "a bird"},
		{raw: `"птица \ud83d\ude00"`, want: "птица 😀"},
		{raw: "\"caf\xe9\"", want: "caf", fault: "byte 4 is not UTF-8 (0xe9)", repaired: true},
		{raw: `"x\ud800y"`, want: "x y", fault: "stands alone", repaired: true},
		{raw: `""`, fault: "is empty", repaired: true},
	} {
		got, repaired, err := TextOptions{}.JSONCaption([]byte(c.raw))
		if c.fault != "" {
			require.ErrorContains(t, err, c.fault)
			require.ErrorIs(t, err, ErrBroken)
			got, repaired, err = TextOptions{Repair: true}.JSONCaption([]byte(c.raw))
		}
		require.NoError(t, err)
		require.Equal(t, c.want, got)
		require.Equal(t, c.repaired, repaired, c.raw)
	}
	for want, raw := range map[string]string{"want a string, got 7": "7", "the limit is 3 (TextOptions.MaxCaption)": `"abcd"`, "unexpected end": `"ab`} {
		_, _, err := TextOptions{MaxCaption: 3, Repair: true}.JSONCaption([]byte(raw))
		require.ErrorContains(t, err, want)
	}
}

func FuzzReadText(f *testing.F) {
	for _, s := range []string{"a bird\nanother\n", "\xef\xbb\xbfx", "caf\xe9\r\n\n\xff", "", "\u2028 \u00a0"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, repair bool) {
		got, _, err := ReadText(bytes.NewReader(b), TextOptions{MaxCaption: 100, MaxBytes: 1000, Repair: repair})
		if err != nil {
			return
		}
		require.NotEmpty(t, got)
		for _, c := range got {
			require.NotEmpty(t, c)
			require.LessOrEqual(t, len(c), 100)
		}
		// What was read is read again as it is, but for a byte order mark that was in its middle.
		again, repaired, err := ReadText(strings.NewReader("\ufeff"+strings.Join(got, "\n")), TextOptions{MaxBytes: 2000})
		require.NoError(t, err)
		require.Zero(t, repaired)
		require.Equal(t, got, again)
	})
}
