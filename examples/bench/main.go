// Command bench measures kernels, inference and training steps.
//
//	go run ./examples/bench                      a table of everything
//	go run ./examples/bench -cases 'conv/3x3'    only what matches
//	go run ./examples/bench -json                one JSON object a line
//	go run ./examples/bench -list                the names of all cases
//	go run ./examples/bench -set avx2            with other instructions than the best that there are
//	go run ./examples/bench -bf16                with products rounded to bfloat16, where that is an option
//	go run ./examples/bench -peak 232 -bandwidth 30
//	                                             with the time that a machine of these rates would take at least
//
// Every kernel is compared with a plain reference before it is timed. flops are those of the direct algorithm with its
// padding, so a faster algorithm may exceed what the machine can multiply.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gander-ml/gander/examples/internal/cli"
)

// result is what is printed of a case.
type result struct {
	Case     string  `json:"case"`
	Impl     string  `json:"impl"`
	Threads  int     `json:"threads"`
	MedianMS float64 `json:"median_ms"`
	MinMS    float64 `json:"min_ms"`
	GFLOPS   float64 `json:"gflops,omitempty"`
	MPPerS   float64 `json:"mp_per_s,omitempty"`
	PeakMiB  float64 `json:"peak_rss_mib,omitempty"`
	Bytes    float64 `json:"bytes_per_run"` // from the heap, in the steady state
	Allocs   float64 `json:"allocs_per_run"`
	BoundMS  float64 `json:"bound_ms,omitempty"` // by the rates given with -peak and -bandwidth
	N        int     `json:"n"`
}

// bench is a case that can be measured.
type bench struct {
	name  string
	flops float64 // of one run, by the direct algorithm; 0 where they are not the point
	// Of one run, where it is known: what the algorithm that is chosen multiplies and adds, without transforms, and the bytes
	// of its operands and results.
	work, bytes float64
	mp          float64 // output megapixels of one run
	alone       bool    // in a process of its own, so that its peak memory can be told
	// setup returns what to time, after it has checked it, with products that may be rounded to bfloat16 if it is told so.
	setup func(bf16 bool) (run func(), err error)
}

type options struct {
	json    bool
	list    bool
	child   bool
	cases   *regexp.Regexp
	threads int
	seconds float64
	set     string
	bf16    bool
	peak    float64 // GFLOP/s
	memory  float64 // GB/s
}

// sets are the sets of instructions that can be forced, and what golang.org/x/sys/cpu is told for them.
var sets = map[string]string{"": "", "avx2": "cpu.avx512f=off", "portable": "cpu.avx512f=off,cpu.avx2=off"}

func main() {
	cli.Main("bench", "bench measures kernels, inference and training steps.", cli.Command{
		Usage: "[flags]",
		Help:  "Measure the cases that match, one after the other.",
		Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
			o := options{cases: regexp.MustCompile(".")}
			flags.BoolVar(&o.json, "json", false, "print one JSON object a line")
			flags.BoolVar(&o.list, "list", false, "print the names of the cases and measure nothing")
			flags.BoolVar(&o.child, "child", false, "measure in this process; for the program itself")
			flags.Func("cases", "only cases whose names match this regular `expression`", func(s string) (err error) {
				o.cases, err = regexp.Compile(s)
				return err
			})
			flags.IntVar(&o.threads, "threads", runtime.NumCPU(), "processors to use")
			flags.Float64Var(&o.seconds, "seconds", 1.5, "how long to measure a case")
			flags.StringVar(&o.set, "set", "", "instructions to use, avx2 or portable, on amd64; the best that there are if empty")
			flags.BoolVar(&o.bf16, "bf16", false, "let products be rounded to bfloat16, where that is an option")
			flags.Float64Var(&o.peak, "peak", 0, "GFLOP/s of the machine, to tell the least time of a case where its work is known")
			flags.Float64Var(&o.memory, "bandwidth", 0, "GB/s of the machine, likewise")
			return func(ctx context.Context, args []string) error {
				if err := cli.WantArgs(args); err != nil {
					return err
				}
				if o.threads < 1 || !(o.seconds > 0) {
					return cli.Usage("-threads and -seconds must be positive")
				}
				if _, ok := sets[o.set]; !ok || o.set != "" && runtime.GOARCH != "amd64" {
					return cli.Usage("-set must be avx2 or portable, and is for amd64")
				}
				return measureAll(ctx, o)
			}
		},
	})
}

func measureAll(ctx context.Context, o options) error {
	runtime.GOMAXPROCS(o.threads)
	chosen := slices.DeleteFunc(cases(), func(b bench) bool { return !o.cases.MatchString(b.name) })
	if len(chosen) == 0 {
		return fmt.Errorf("no case matches %q", o.cases)
	}
	if o.list {
		for _, b := range chosen {
			fmt.Println(b.name)
		}
		return nil
	}
	if !o.json {
		fmt.Printf("%-36s %10s %10s %10s %10s %10s %12s %10s\n", "case", "median ms", "min ms", "bound ms", "GFLOP/s", "peak MiB", "bytes/run", "allocs/run")
	}
	for _, b := range chosen {
		if err := ctx.Err(); err != nil {
			return err
		}
		if (b.alone || o.set != "") && !o.child {
			if err := measureAlone(ctx, b, o); err != nil {
				return err
			}
			continue
		}
		r, err := measure(b, o)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		r.print(o.json)
	}
	return nil
}

// measureAlone measures a case in a child process.
func measureAlone(ctx context.Context, b bench, o options) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "-child", "-json", "-cases", "^"+regexp.QuoteMeta(b.name)+"$",
		"-threads", strconv.Itoa(o.threads), "-seconds", fmt.Sprint(o.seconds), "-set", o.set, "-bf16="+strconv.FormatBool(o.bf16),
		"-peak", fmt.Sprint(o.peak), "-bandwidth", fmt.Sprint(o.memory))
	if off := sets[o.set]; off != "" {
		cmd.Env = append(os.Environ(), "GODEBUG="+off)
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", b.name, err)
	}
	var r result
	if err := json.Unmarshal(out, &r); err != nil {
		return fmt.Errorf("%s: %w", b.name, err)
	}
	r.print(o.json)
	return nil
}

func (r result) print(asJSON bool) {
	if asJSON {
		b, err := json.Marshal(r)
		if err != nil {
			panic(err) // a result holds nothing that JSON cannot
		}
		fmt.Println(string(b))
		return
	}
	fmt.Printf("%-36s %10.3f %10.3f %10.3f %10.1f %10.0f %12.0f %10.0f\n",
		r.Case, r.MedianMS, r.MinMS, r.BoundMS, r.GFLOPS, r.PeakMiB, r.Bytes, r.Allocs)
}

func measure(b bench, o options) (result, error) {
	run, err := b.setup(o.bf16)
	if err != nil {
		return result{}, err
	}
	run()
	run()
	runtime.GC()
	var times []float64
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for begin := time.Now(); len(times) < 5 || time.Since(begin).Seconds() < o.seconds; {
		start := time.Now()
		run()
		times = append(times, time.Since(start).Seconds()*1e3)
	}
	runtime.ReadMemStats(&after)
	slices.Sort(times)
	r := result{Case: b.name, Impl: "gander", Threads: o.threads, N: len(times), MedianMS: times[len(times)/2], MinMS: times[0]}
	if o.set != "" {
		r.Impl += "-" + o.set
	}
	if o.bf16 {
		r.Impl += "-bf16"
	}
	r.Bytes = float64(after.TotalAlloc-before.TotalAlloc) / float64(len(times))
	r.Allocs = float64(after.Mallocs-before.Mallocs) / float64(len(times))
	r.BoundMS = b.bound(o)
	r.GFLOPS = b.flops / r.MedianMS / 1e6
	r.MPPerS = b.mp / r.MedianMS * 1e3
	if b.alone {
		r.PeakMiB = peakMiB()
	}
	return r, nil
}

// bound returns the least time, in ms, that a machine with the given rates takes for what is known of the work.
func (b bench) bound(o options) float64 {
	ms := 0.0
	if o.peak > 0 {
		ms = b.work / o.peak / 1e6
	}
	if o.memory > 0 {
		ms = max(ms, b.bytes/o.memory/1e6)
	}
	return ms
}

// peakMiB returns the most memory the process has held, where the system tells.
func peakMiB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}
