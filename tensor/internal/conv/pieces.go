package conv

// A convolution of any size and stride is a sum of 3×3 convolutions with stride 1, each over every stride-th pixel of
// the image, from another pixel on: its pieces. An input gradient is, at each residue class of positions modulo the
// stride, such a sum over dy. This file takes one dimension apart.

// pieceAxis is one dimension of a piece: position i of its output reads from the source at i·step+origin, with step the
// stride or, for an input gradient, 1.
type pieceAxis struct {
	origin int
	taps   [][3]int // for each class of output positions, the kernel positions that the three taps are, or -1
}

// forwardPieces takes a kernel apart: positions of one residue modulo the stride, three at a time.
func forwardPieces(kernel, stride, pad int) []pieceAxis {
	var all []pieceAxis
	for r := range min(stride, kernel) {
		for p := r; p < kernel; p += 3 * stride {
			a := pieceAxis{p - pad, [][3]int{{-1, -1, -1}}}
			for t := range 3 {
				if q := p + t*stride; q < kernel {
					a.taps[0][t] = q
				}
			}
			all = append(all, a)
		}
	}
	return all
}

// countPieces returns len(forwardPieces).
func countPieces(kernel, stride int) int {
	n := 0
	for r := range min(stride, kernel) {
		n += ((kernel-r+stride-1)/stride + 2) / 3
	}
	return n
}

// inputPieces takes the kernel of an input gradient apart. Position r+stride·i of the input meets, through kernel
// position p, position i+(r+pad-p)/stride of the output. All classes r use the same windows.
func inputPieces(kernel, stride, pad int) []pieceAxis {
	low, high := floorDiv(pad-kernel+stride, stride), floorDiv(stride-1+pad, stride)
	var all []pieceAxis
	for o := low; o <= high; o += 3 {
		a := pieceAxis{o, make([][3]int, stride)}
		for r := range stride {
			for t := range 3 {
				p := r + pad - stride*(o+t)
				if p < 0 || p >= kernel {
					p = -1
				}
				a.taps[r][t] = p
			}
		}
		all = append(all, a)
	}
	return all
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
