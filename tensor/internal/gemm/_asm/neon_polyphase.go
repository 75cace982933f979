package main

import "github.com/gander-ml/gander/tensor/internal/cpu/neon"

// armPolyphase writes the transforms of 2×2 convolutions.
func armPolyphase() *neon.File {
	f := neon.NewFile("conv", "go run . -set phasesneon -to ../../conv/polyphase_neon_arm64")
	for _, t := range phases {
		armTransform(f, t)
	}
	return f
}

func init() {
	armLines["PhaseInput"] = func(l armLine, d, c armValues) armValues {
		a, b, aa, bb := c[0], c[1], c[2], c[3]
		t, s := l.less(d[2], bb, d[0]), l.less(d[2], aa, d[0])
		u, r := l.less(d[3], bb, d[1]), l.less(d[3], aa, d[1])
		last := l.less(l.less(d[4], bb, d[2]), aa, t)
		return armValues{l.more(u, a, t), l.less(u, a, t), l.more(r, b, s), l.less(r, b, s), last}
	}
	armLines["PhaseOutput"] = func(l armLine, m, c armValues) armValues {
		a, b, aa, bb, aaa, bbb := c[0], c[1], c[2], c[3], c[4], c[5]
		p, e, r, f := l.add(m[0], m[1]), l.sub(m[0], m[1]), l.add(m[2], m[3]), l.sub(m[2], m[3])
		return armValues{
			l.add(p, r), l.more(l.mul(a, e), b, f), l.more(l.mul(aa, p), bb, r), l.more(l.more(m[4], aaa, e), bbb, f),
		}
	}
	armLines["PhaseGradient"] = func(l armLine, e, c armValues) armValues {
		a, b, aa, bb := c[0], c[1], c[2], c[3]
		s, t := l.more(e[0], aa, e[2]), l.more(e[1], aa, e[3])
		u, v := l.more(e[0], bb, e[2]), l.more(e[1], bb, e[3])
		return armValues{l.more(s, a, t), l.less(s, a, t), l.more(u, b, v), l.less(u, b, v), e[3]}
	}
	armLines["PhaseWeight"] = func(l armLine, g, c armValues) armValues {
		n, minus, na, nb := c[0], c[1], c[2], c[3]
		s, t := l.mul(n, g[1]), l.mul(minus, g[1])
		return armValues{l.more(s, na, g[0]), l.less(s, na, g[0]), l.less(t, nb, g[0]), l.more(t, nb, g[0]), g[1]}
	}
	armLines["PhaseWeightGradient"] = func(l armLine, m, c armValues) armValues {
		n, na, nb := c[0], c[1], c[2]
		p, r := l.add(m[0], m[1]), l.add(m[2], m[3])
		e, f := l.sub(m[0], m[1]), l.sub(m[2], m[3])
		return armValues{l.less(l.mul(na, e), nb, f), l.more(m[4], n, l.sub(p, r))}
	}
}
