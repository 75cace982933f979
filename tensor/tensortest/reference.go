package tensortest

import (
	"math"

	"github.com/gander-ml/gander/tensor"
)

// Build returns the array whose element at each index is f(index).
func Build(shape []int, f func(index []int) float64) Array {
	a := Zeros(shape...)
	at := 0
	Each(shape, func(index []int) {
		a.Data[at] = f(index)
		at++
	})
	return a
}

// Map returns f of each element.
func Map(x Array, f func(float64) float64) Array {
	y := x.Clone()
	for i, v := range y.Data {
		y.Data[i] = f(v)
	}
	return y
}

// Zip returns f of each pair of elements, with broadcasting.
func Zip(a, b Array, f func(a, b float64) float64) Array {
	shape := tensor.BroadcastShape("tensortest.Zip", a.Shape, b.Shape)
	return Build(shape, func(i []int) float64 { return f(a.Broadcast(i), b.Broadcast(i)) })
}

// Reduce folds f over the given axes, which are removed; over all of them when none is given.
func Reduce(x Array, start float64, f func(acc, v float64) float64, axes ...int) Array {
	shape, gone := tensor.ReducedShape("tensortest.Reduce", x.Shape, axes)
	y := Build(shape, func([]int) float64 { return start })
	Each(x.Shape, func(index []int) {
		rest := []int{}
		for k, i := range index {
			if !gone[k] {
				rest = append(rest, i)
			}
		}
		y.Set(f(y.At(rest...), x.At(index...)), rest...)
	})
	return y
}

// Sum adds over the given axes, which are removed; over all of them when none is given.
func Sum(x Array, axes ...int) Array {
	return Reduce(x, 0, func(acc, v float64) float64 { return acc + v }, axes...)
}

// MatMul is the definition of [tensor.MatMulInto].
func MatMul(a, b Array, transA, transB bool) Array {
	shape := tensor.MatMulShape("tensortest.MatMul", a.Shape, b.Shape, transA, transB)
	r := len(shape)
	depth := a.Shape[len(a.Shape)-1]
	if transA {
		depth = a.Shape[len(a.Shape)-2]
	}
	at := func(x Array, lead []int, i, j int, trans bool) float64 {
		if trans {
			i, j = j, i
		}
		return x.At(append(append([]int{}, lead[:len(x.Shape)-2]...), i, j)...)
	}
	return Build(shape, func(n []int) float64 {
		s := 0.0
		for k := range depth {
			s += at(a, n, n[r-2], k, transA) * at(b, n, k, n[r-1], transB)
		}
		return s
	})
}

// eachTap calls f for every product of a convolution: the pixel (y,x) of the image that tap (p,q) of output (i,j) reads,
// and the input channel c, its number k in the group and the output channel o that it joins.
func eachTap(x, w, y []int, spec tensor.ConvSpec, f func(n, i, j, o, h, v, c, p, q, k int)) {
	sh, sw, dh, dw := max(spec.StrideH, 1), max(spec.StrideW, 1), max(spec.DilH, 1), max(spec.DilW, 1)
	each := w[3] / max(spec.Groups, 1)
	Each(y, func(at []int) {
		n, i, j, o := at[0], at[1], at[2], at[3]
		Each(w[:3], func(tap []int) {
			p, q, k := tap[0], tap[1], tap[2]
			h, v := i*sh+p*dh-spec.PadT, j*sw+q*dw-spec.PadL
			if h >= 0 && h < x[1] && v >= 0 && v < x[2] {
				f(n, i, j, o, h, v, o/each*w[2]+k, p, q, k)
			}
		})
	})
}

// Conv2D is the definition of [tensor.Conv2D].
func Conv2D(x, w Array, spec tensor.ConvSpec) Array {
	y := Zeros(tensor.ConvShape("tensortest.Conv2D", x.Shape, w.Shape, spec)...)
	eachTap(x.Shape, w.Shape, y.Shape, spec, func(n, i, j, o, h, v, c, p, q, k int) {
		y.Add(x.At(n, h, v, c)*w.At(p, q, k, o), n, i, j, o)
	})
	return y
}

// ConvTranspose2D is the definition of [tensor.ConvTranspose2D].
func ConvTranspose2D(x, w Array, spec tensor.ConvTransposeSpec) Array {
	y := Zeros(tensor.ConvTransposeShape("tensortest.ConvTranspose2D", x.Shape, w.Shape, spec)...)
	eachTap(y.Shape, w.Shape, x.Shape, spec.ConvSpec, func(n, i, j, o, h, v, c, p, q, k int) {
		y.Add(x.At(n, i, j, o)*w.At(p, q, k, o), n, h, v, c)
	})
	return y
}

// Conv2DGradWeight is the definition of [tensor.Conv2DGradWeight].
func Conv2DGradWeight(x, dy Array, kh, kw int, spec tensor.ConvSpec) Array {
	w := Zeros(kh, kw, x.Shape[3]/max(spec.Groups, 1), dy.Shape[3])
	eachTap(x.Shape, w.Shape, dy.Shape, spec, func(n, i, j, o, h, v, c, p, q, k int) {
		w.Add(x.At(n, h, v, c)*dy.At(n, i, j, o), p, q, k, o)
	})
	return w
}

// Pad2D is the definition of [tensor.Pad2D].
func Pad2D(x Array, spec tensor.PadSpec) Array {
	fold := func(i, n int) int {
		switch spec.Mode {
		case tensor.PadReflect:
			if i < 0 {
				i = -i
			}
			if i >= n {
				i = 2*(n-1) - i
			}
		case tensor.PadReplicate:
			i = min(max(i, 0), n-1)
		}
		return i
	}
	shape := tensor.PadShape("tensortest.Pad2D", x.Shape, spec)
	return Build(shape, func(at []int) float64 {
		i, j := fold(at[1]-spec.T, x.Shape[1]), fold(at[2]-spec.L, x.Shape[2])
		if i < 0 || i >= x.Shape[1] || j < 0 || j >= x.Shape[2] {
			return 0
		}
		return x.At(at[0], i, j, at[3])
	})
}

// Pool2D is the definition of [tensor.MaxPool2D] and [tensor.AvgPool2D].
func Pool2D(x Array, spec tensor.PoolSpec, average bool) Array {
	sh, sw := spec.StrideH, spec.StrideW
	if sh == 0 {
		sh = spec.KH
	}
	if sw == 0 {
		sw = spec.KW
	}
	shape := tensor.PoolShape("tensortest.Pool2D", x.Shape, spec)
	return Build(shape, func(at []int) float64 {
		sum, top, inside, padded := 0.0, math.Inf(-1), 0, 0
		for p := range spec.KH {
			for q := range spec.KW {
				i, j := at[1]*sh+p-spec.PadH, at[2]*sw+q-spec.PadW
				if i < x.Shape[1]+spec.PadH && j < x.Shape[2]+spec.PadW {
					padded++
				}
				if i >= 0 && j >= 0 && i < x.Shape[1] && j < x.Shape[2] {
					v := x.At(at[0], i, j, at[3])
					inside++
					sum += v
					top = max(top, v)
				}
			}
		}
		switch {
		case !average:
			return top
		case spec.ExcludePad:
			return sum / float64(inside)
		}
		return sum / float64(padded)
	})
}

// Separable returns the images x (N,H,W,C) multiplied by the dense matrix rows (OH,H) along their height and by cols
// (OW,W) along their width: the definition of a [tensor.Resampler].
func Separable(x, rows, cols Array) Array {
	shape := []int{x.Shape[0], rows.Shape[0], cols.Shape[0], x.Shape[3]}
	return Build(shape, func(at []int) float64 {
		s := 0.0
		for i := range x.Shape[1] {
			for j := range x.Shape[2] {
				if w := rows.At(at[1], i) * cols.At(at[2], j); w != 0 {
					s += w * x.At(at[0], i, j, at[3])
				}
			}
		}
		return s
	})
}

// ResizeMatrix returns the matrix (out,in) that resizes one axis scaled by s: the definition of a [tensor.ResizeMethod].
func ResizeMatrix(method tensor.ResizeMethod, in, out int, s float64) Array {
	m := Zeros(out, in)
	add := func(i, j int, w float64) {
		if w != 0 {
			m.Add(w, i, j)
		}
	}
	clamp := func(j int) int { return min(max(j, 0), in-1) }
	mirror := func(j int) int { // j counts edge pixels twice
		for j < 0 || j >= in {
			if j < 0 {
				j = -1 - j
			} else {
				j = 2*in - 1 - j
			}
		}
		return j
	}
	area := func(i int) { // what fraction of pixel j lies in [i/s, (i+1)/s)
		for j := range in {
			add(i, j, max(0, min(float64(i+1)/s, float64(j+1))-max(float64(i)/s, float64(j))))
		}
	}
	shrink := min(s, 1)
	for i := range out {
		u := (float64(i)+0.5)/s - 0.5
		switch method {
		case tensor.Bicubic:
			for j := int(u-2/shrink) - 2; j <= int(u+2/shrink)+2; j++ {
				add(i, mirror(j), cubic(shrink*(u-float64(j))))
			}
		case tensor.Bilinear:
			at := max(u, 0)
			add(i, clamp(int(at)), 1-(at-math.Floor(at)))
			add(i, clamp(int(at)+1), at-math.Floor(at))
		case tensor.BilinearAntialias:
			for j := range in {
				add(i, j, max(0, 1-math.Abs(shrink*(u-float64(j)))))
			}
		case tensor.BilinearTorch7:
			switch {
			case out < in:
				area(i)
			case out == in || in == 1:
				add(i, clamp(i), 1)
			default:
				at := float64(i) * float64(in-1) / float64(out-1)
				add(i, clamp(int(at)), 1-(at-math.Floor(at)))
				add(i, clamp(int(at)+1), at-math.Floor(at))
			}
		case tensor.Nearest:
			add(i, clamp(int(math.Floor(float64(i)/s+1e-9))), 1)
		case tensor.NearestExact:
			add(i, clamp(int(math.Floor((float64(i)+0.5)/s+1e-9))), 1)
		case tensor.Box:
			area(i)
		}
		sum := 0.0
		for j := range in {
			sum += m.At(i, j)
		}
		for j := range in {
			m.Set(m.At(i, j)/sum, i, j)
		}
	}
	return m
}

// cubic is the kernel of papers on bicubic interpolation, a = −½, in its unfactored form.
func cubic(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x <= 1:
		return 1.5*math.Pow(x, 3) - 2.5*math.Pow(x, 2) + 1
	case x <= 2:
		return -0.5*math.Pow(x, 3) + 2.5*math.Pow(x, 2) - 4*x + 2
	}
	return 0
}
