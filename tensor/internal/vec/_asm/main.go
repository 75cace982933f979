// Command _asm writes the assembly of the vector kernels and the Go functions that choose between instruction sets. It
// lives in a module of its own, so that the library does not depend on avo. See the go:generate lines in ../generate.go.
package main

import (
	"flag"
	"log"
	"os"

	"github.com/mmcloughlin/avo/build"
)

func main() {
	set := flag.String("set", "", "kernels to write: avx512, avx2 or neon")
	to := flag.String("to", "", "files for the set neon, without .s and .go")
	run := flag.String("run", "", "file for the functions that choose a set")
	arm := flag.String("arm", "", "the same for arm64")
	other := flag.String("other", "", "file for the functions that have only portable Go to choose")
	flag.Parse()
	switch *set {
	case "avx512", "avx2":
		build.ConstraintExpr("!noasm")
		s := newISA(*set)
		for _, k := range kernels() {
			s.elementwise(k)
			if k.stream {
				s.streaming(k)
			}
		}
		for _, st := range statistics() {
			s.statistic(st)
			if s.wide {
				s.wideStatistic(st)
			}
		}
		if s.wide {
			s.preluGrads(false)
			s.preluGrads(true)
		}
		s.bytes()
		s.extremes()
		s.data()
		build.Generate()
	case "neon":
		if err := arm64().Write(*to); err != nil {
			log.Fatal(err)
		}
	case "":
		write(*run, chosen())
		write(*arm, chosenARM())
		write(*other, portable())
	default:
		log.Fatalf("unknown set %q", *set)
	}
}

func write(name string, text []byte) {
	if err := os.WriteFile(name, text, 0o644); err != nil {
		log.Fatal(err)
	}
}
