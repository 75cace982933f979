package tfevents

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The bytes are those that Google's protocol buffers make of the same events: see testdata/events.py.
func TestEventsAreThoseOfProtocolBuffers(t *testing.T) {
	want, err := os.ReadFile("testdata/golden.tfevents")
	require.NoError(t, err)
	at := func(seconds float64) time.Time { return time.UnixMicro(int64(seconds * 1e6)) }
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	var got []byte
	for _, e := range [][]byte{
		versionEvent(at(1234567890.25)),
		startEvent(at(1234567890.25), 7),
		scalarsEvent(at(1234567891.5), 300, []Scalar{{"discriminator/loss", 1.375}, {"generator/loss", -0.5}, {"eval/fid", math.NaN()}, {"zero", 0}}),
		pictureEvent(at(1234567892), 0, Picture{Tag: "samples", Height: 20, Width: 300, PNG: all}),
	} {
		got = appendRecord(got, e)
	}
	require.Equal(t, want, got)
}

// The checksum is not masked in RFC 3720, B.4, whose examples these are.
func TestChecksumIsCRC32C(t *testing.T) {
	unmask := func(c uint32) uint32 { c -= 0xa282ead8; return c>>17 | c<<15 }
	ascending := make([]byte, 32)
	for i := range ascending {
		ascending[i] = byte(i)
	}
	require.Equal(t, uint32(0x8a9136aa), unmask(checksum(make([]byte, 32))))
	require.Equal(t, uint32(0x46dd794e), unmask(checksum(ascending)))
}

// However many files a run leaves, their names are in the order in which they were written, and each says where it begins.
func TestFilesAreInOrder(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "events.out.tfevents.4000000000.elsewhere"), nil, 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "events.out.tfevents.not-a-number"), nil, 0o666))
	var last string
	for part := range 4 {
		w := Writer{Dir: dir, From: 10 * part}
		require.NoError(t, w.Scalars(part, nil))
		require.NoError(t, w.Close(), "nothing has been written")
		require.NoError(t, w.Scalars(10*part, []Scalar{{"loss", 1}}))
		require.NoError(t, w.Close())
		require.Greater(t, w.file.Name(), last)
		last = w.file.Name()
		require.Greater(t, filepath.Base(last), "events.out.tfevents.4000000000.elsewhere")
		text, err := os.ReadFile(last)
		require.NoError(t, err)
		require.Contains(t, string(text), "brain.Event:2")
	}
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, found, 2+4)
}

func TestFirstFilesHaveNothingToVoid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		value := rapid.Float64().Draw(rt, "value")
		for part := range 2 {
			w := Writer{Dir: dir, From: 5}
			require.NoError(t, w.Scalars(5, []Scalar{{"a", value}}))
			require.NoError(t, w.Close())
			text, err := os.ReadFile(w.file.Name())
			require.NoError(t, err)
			now := time.Now()
			size := len(appendRecord(nil, versionEvent(now))) + len(appendRecord(nil, scalarsEvent(now, 5, []Scalar{{"a", value}})))
			if part > 0 {
				size += len(appendRecord(nil, startEvent(now, 5)))
			}
			require.Len(t, text, size)
		}
	})
}

// After a failed write nothing more is written, since it would lie behind a torn record.
func TestNothingIsWrittenAfterAnError(t *testing.T) {
	w := Writer{Dir: filepath.Join(t.TempDir(), "none")}
	first := w.Scalars(1, []Scalar{{"a", 1}})
	require.ErrorIs(t, first, os.ErrNotExist)
	require.NoError(t, os.Mkdir(w.Dir, 0o777))
	require.ErrorIs(t, w.Picture(2, Picture{}), os.ErrNotExist)
	require.NoError(t, w.Close())

	w = Writer{Dir: w.Dir}
	require.NoError(t, w.Scalars(1, []Scalar{{"a", 1}}))
	require.NoError(t, w.file.Close())
	require.ErrorIs(t, w.Scalars(2, []Scalar{{"a", 1}}), os.ErrClosed)
}
