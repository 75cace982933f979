package trust

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// soakVariable says how long TestSoak lasts, as in GANDER_SOAK=1h; go test needs a -timeout beyond that.
const soakVariable = "GANDER_SOAK"

// footprint is what the process holds between two rounds of work.
type footprint struct {
	heap, rss  uint64 // bytes; rss is 0 where the system does not tell
	goroutines int
}

func (f footprint) String() string {
	const mib = 1 << 20
	return "heap " + strconv.FormatFloat(float64(f.heap)/mib, 'f', 2, 64) + " MiB, resident " +
		strconv.FormatFloat(float64(f.rss)/mib, 'f', 1, 64) + " MiB, " + strconv.Itoa(f.goroutines) + " goroutines"
}

func measure() footprint {
	runtime.GC()
	debug.FreeOSMemory() // also what pools dropped in the first collection, so that what is resident can be compared
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f := footprint{heap: m.HeapAlloc, goroutines: settled(0)}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			pages, _ := strconv.ParseUint(fields[1], 10, 64)
			f.rss = pages * uint64(os.Getpagesize())
		}
	}
	return f
}

// Rounds of trainings that end, are cancelled and fail, of inference, of pictures and of checkpoints, all at the same time,
// give the same bits each time, and leave neither memory nor goroutines behind.
func TestSoak(t *testing.T) {
	text := os.Getenv(soakVariable)
	if text == "" {
		t.Skip(soakVariable + " is not set")
	}
	length, err := time.ParseDuration(text)
	require.NoError(t, err)
	w := newWork(t)
	var prints []footprint
	start := time.Now()
	for shown := start; time.Since(start) < length || len(prints) < 8; {
		w.round(t)
		prints = append(prints, measure())
		if time.Since(shown) > time.Minute {
			t.Logf("%v, %d rounds: %v", time.Since(start).Round(time.Second), len(prints), prints[len(prints)-1])
			shown = time.Now()
		}
	}
	n := len(prints)
	t.Logf("soaked for %v, %d rounds; after the first: %v; at the end: %v", time.Since(start).Round(time.Second), n, prints[0], prints[n-1])
	early, late := prints[n/4:n/2], prints[3*n/4:]
	heap, rss, goroutines := most(early)
	lateHeap, lateRSS, lateGoroutines := most(late)
	require.LessOrEqual(t, lateHeap, heap+heap/20+1<<20, "the heap grows")
	require.LessOrEqual(t, lateRSS, rss+rss/10+16<<20, "memory grows")
	require.LessOrEqual(t, lateGoroutines, goroutines, "goroutines are left")
}

func most(prints []footprint) (heap, rss uint64, goroutines int) {
	for _, f := range prints {
		heap, rss, goroutines = max(heap, f.heap), max(rss, f.rss), max(goroutines, f.goroutines)
	}
	return heap, rss, goroutines
}

var errBits = errors.New("the bits differ")

// work is what a round does, with what it has to give.
type work struct {
	names    []string
	shared   map[string]subject   // whose networks all goroutines use
	inferred map[string][]float32 // by them
	values   map[string][]float32 // after training
	picture  *imaging.Image
	files    map[string][]byte
}

func newWork(t *testing.T) *work {
	w := &work{names: familyNames(), shared: map[string]subject{}, inferred: map[string][]float32{}, values: map[string][]float32{},
		picture: &imaging.Image{Pixels: tensor.RandU(newRand(1), 0, 1, 33, 47, 3)}, files: map[string][]byte{}}
	for _, name := range w.names {
		s := families[name]()
		var err error
		w.shared[name] = s
		w.inferred[name], err = s.infer()
		require.NoError(t, err)
		w.values[name], _, err = outcome(name, runOf(""))
		require.NoError(t, err)
	}
	for _, ext := range []string{".png", ".jpg", ".gif", ".bmp", ".tiff"} {
		path := filepath.Join(t.TempDir(), "a"+ext)
		require.NoError(t, imaging.Save(path, w.picture, imaging.EncodeOptions{}))
		var err error
		w.files[ext], err = os.ReadFile(path)
		require.NoError(t, err)
	}
	return w
}

func (w *work) round(t *testing.T) {
	dir, err := os.MkdirTemp(t.TempDir(), "round")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	var wg sync.WaitGroup
	for i, jobs := range [][]func(name string) error{
		{w.train(dir), w.infer},
		{w.infer, func(name string) error { return cancelled(name, filepath.Join(dir, "cancelled", name)) }},
		{failed, w.infer},
		{w.decode(filepath.Join(dir, "pictures")), w.store(filepath.Join(dir, "files")), w.infer},
	} {
		wg.Go(func() {
			for k := range w.names {
				for _, job := range jobs {
					name := w.names[(k+4*i)%len(w.names)]
					if err := job(name); err != nil {
						t.Error(name, err)
					}
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func (w *work) infer(name string) error {
	got, err := w.shared[name].infer()
	if err == nil && !slices.Equal(got, w.inferred[name]) {
		err = errBits
	}
	return err
}

func (w *work) train(dir string) func(name string) error {
	return func(name string) error {
		got, _, err := outcome(name, runOf(filepath.Join(dir, "trained", name)))
		if err == nil && !slices.Equal(got, w.values[name]) {
			err = errBits
		}
		return err
	}
}

// decode reads the pictures, of which PNG comes back exactly.
func (w *work) decode(dir string) func(name string) error {
	return func(string) error {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		for ext, file := range w.files {
			m, err := imaging.DecodeBytes(file, imaging.DecodeOptions{})
			if err != nil {
				return err
			}
			path := filepath.Join(dir, "again"+ext)
			if err := imaging.Save(path, m, imaging.EncodeOptions{}); err != nil {
				return err
			}
			again, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if ext == ".png" && !bytes.Equal(again, file) {
				return errBits
			}
		}
		return nil
	}
}

// store writes a network and reads it into another.
func (w *work) store(dir string) func(name string) error {
	return func(name string) error {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+".safetensors")
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		from, to := w.shared[name].models[0], families[name]().models[0]
		if err := checkpoint.Save(path, from, checkpoint.NewManifest("soak", struct{}{})); err != nil {
			return err
		}
		if err := checkpoint.Load(to, path); err != nil {
			return err
		}
		a, b := subject{models: []any{from}}, subject{models: []any{to}}
		if !slices.Equal(a.values(), b.values()) {
			return errBits
		}
		return nil
	}
}
