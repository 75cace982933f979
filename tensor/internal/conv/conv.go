// Package conv computes two-dimensional convolutions of channels-last images and their two adjoints.
//
// Every element of a result is computed by one goroutine, or summed from parts whose number depends on the shape, in
// an order that does not depend on the number of cores.
package conv

// Forward overwrites y with the convolution of x and w,
//
//	y[n,i,j,o] = Σ_{p,q,c} x[n, i·StrideH+p·DilH−PadT, j·StrideW+q·DilW−PadL, c] · w[p,q,c,o]
func Forward(y, x, w []float32, s *Shape) { s.run(Output, y, x, w, nil, nil) }

// ForwardFused is Forward followed by the epilogue, with all of it in one pass over y.
func ForwardFused(y, x, w []float32, s *Shape, ep *Epilogue) { s.run(Output, y, x, w, nil, ep) }

// GradInput overwrites dx with the gradient of ⟨y, dy⟩ with respect to x: the transposed convolution of dy.
func GradInput(dx, dy, w []float32, s *Shape) { s.run(Input, dx, dy, w, nil, nil) }

// GradInputFused is GradInput followed by the epilogue, whose channels are those of x.
func GradInputFused(dx, dy, w []float32, s *Shape, ep *Epilogue) { s.run(Input, dx, dy, w, nil, ep) }

// run computes one of the directions Output and Input.
func (s *Shape) run(d Direction, out, in, w []float32, packed *Packed, ep *Epilogue) {
	channels := s.Cout
	if d == Output {
		s.check(out, in, w)
	} else {
		s.check(in, out, w)
		channels = s.Cin
	}
	fin := ep.finisher(channels, len(out))
	defer fin.release()
	if s.empty() {
		clear(out)
		if len(out) > 0 {
			fin.all(out)
		}
		return
	}
	switch Plan(s, d) {
	case Pointwise:
		s.pointwise(d, out, in, w)
		fin.all(out)
	case Depthwise:
		if d == Output {
			s.depthwiseForward(out, in, w, fin)
		} else {
			s.depthwiseInput(out, in, w, fin)
		}
	case Winograd:
		s.winogradRun(d, out, in, w, packed, fin)
	case Polyphase:
		s.polyphaseRun(d, out, in, w, packed, fin)
	case ToomCook:
		s.toomCookRun(d, out, in, w, packed, fin)
	case Sequence:
		s.sequenceRun(d, out, in, w, packed, fin)
	default:
		s.implicit(d, out, in, w, packed, fin)
	}
}

// GradWeight overwrites dw with the gradient of ⟨y, dy⟩ with respect to w.
func GradWeight(dw, x, dy []float32, s *Shape) {
	s.check(dy, x, dw)
	if s.empty() {
		clear(dw)
		return
	}
	switch Plan(s, Weight) {
	case Depthwise:
		s.depthwiseWeight(dw, x, dy)
	case Narrow:
		s.narrowWeight(dw, x, dy)
	case Winograd:
		s.winogradWeight(dw, x, dy)
	case Polyphase:
		s.polyphaseWeight(dw, x, dy)
	case ToomCook:
		s.toomCookWeight(dw, x, dy)
	case Sequence:
		s.sequenceWeight(dw, x, dy)
	default:
		s.implicitWeight(dw, x, dy)
	}
}
