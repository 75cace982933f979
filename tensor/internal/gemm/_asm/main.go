// Command _asm writes the assembly of the multiplication kernels. It lives in a module of its own, so that the library
// does not depend on avo. See the go:generate lines in ../generate.go.
package main

import (
	"flag"
	"log"

	"github.com/mmcloughlin/avo/build"
)

func main() {
	set := flag.String("set", "avx512", "kernels to write: avx512, bf16, avx2, conv512, conv2, phases512, phases2, neon, convneon or phasesneon")
	to := flag.String("to", "", "files for the sets neon, convneon and phasesneon, without .s and .go")
	flag.Parse()
	if write, ok := armSets[*set]; ok {
		if err := write().Write(*to); err != nil {
			log.Fatal(err)
		}
		return
	}
	build.ConstraintExpr("!noasm")
	switch *set {
	case "avx512":
		avx512.kernels()
	case "bf16":
		bf16.bf16()
	case "avx2":
		avx2.kernels()
	case "conv512":
		avx512.products()
		avx512.winograd()
		avx512.toomCook()
		avx512.epilogue()
	case "conv2":
		avx2.products()
		avx2.winograd()
		avx2.toomCook()
		avx2.epilogue()
	case "phases512":
		avx512.polyphase()
	case "phases2":
		avx2.polyphase()
	default:
		panic("unknown set " + *set)
	}
	build.Generate()
}
