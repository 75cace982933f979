// Command _asm writes the assembly of the multiplication kernels. It lives in a module of its own, so that the library
// does not depend on avo. See the go:generate lines in ../generate.go.
package main

import (
	"flag"

	"github.com/mmcloughlin/avo/build"
)

func main() {
	set := flag.String("set", "avx512", "kernels to write: avx512, avx2, conv512 or conv2")
	flag.Parse()
	build.ConstraintExpr("!noasm")
	switch *set {
	case "avx512":
		avx512.kernels()
	case "avx2":
		avx2.kernels()
	case "conv512":
		avx512.winograd()
		avx512.epilogue()
	case "conv2":
		avx2.winograd()
		avx2.epilogue()
	default:
		panic("unknown set " + *set)
	}
	build.Generate()
}
