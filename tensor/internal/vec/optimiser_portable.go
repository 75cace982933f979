package vec

func portableSGD(p, g []float32, decay, rate float32) {
	g = g[:len(p)]
	for i, w := range p {
		p[i] = w - float32(rate*(g[i]+float32(decay*w)))
	}
}

func portableSGDMomentum(p, v, g []float32, decay, momentum, gain, rate float32) {
	v, g = v[:len(p)], g[:len(p)]
	for i, w := range p {
		d := g[i] + float32(decay*w)
		u := float32(momentum*v[i]) + float32(gain*d)
		v[i] = u
		p[i] = w - float32(rate*u)
	}
}

func portableSGDNesterov(p, v, g []float32, decay, momentum, gain, rate float32) {
	v, g = v[:len(p)], g[:len(p)]
	for i, w := range p {
		d := g[i] + float32(decay*w)
		u := float32(momentum*v[i]) + float32(gain*d)
		v[i] = u
		p[i] = w - float32(rate*(d+float32(momentum*u)))
	}
}

func portableAdam(p, m, v, g []float32, decay, beta1, gain1, beta2, gain2, keep, rate, eps float32) {
	m, v, g = m[:len(p)], v[:len(p)], g[:len(p)]
	for i, w := range p {
		d := g[i] + float32(decay*w)
		first := float32(beta1*m[i]) + float32(gain1*d)
		second := float32(beta2*v[i]) + float32(gain2*d*d)
		m[i], v[i] = first, second
		p[i] = float32(keep*w) - rate*first/(sqrt(second)+eps)
	}
}

func portableAMSGrad(p, m, v, peak, g []float32, decay, beta1, gain1, beta2, gain2, keep, rate, eps float32) {
	m, v, peak, g = m[:len(p)], v[:len(p)], peak[:len(p)], g[:len(p)]
	for i, w := range p {
		d := g[i] + float32(decay*w)
		first := float32(beta1*m[i]) + float32(gain1*d)
		second := float32(beta2*v[i]) + float32(gain2*d*d)
		m[i], v[i] = first, second
		peak[i] = max(peak[i], second)
		p[i] = float32(keep*w) - rate*first/(sqrt(peak[i])+eps)
	}
}

func portableRMSProp(p, sq, g []float32, decay, alpha, gain, inner, outer, rate float32) {
	sq, g = sq[:len(p)], g[:len(p)]
	for i, w := range p {
		d := g[i] + float32(decay*w)
		square := float32(alpha*sq[i]) + float32(gain*d*d)
		sq[i] = square
		p[i] = w - float32(rate*(d/(sqrt(square+inner)+outer)))
	}
}

func portableRMSPropMomentum(p, sq, v, g []float32, decay, alpha, gain, inner, outer, rate, momentum float32) {
	sq, v, g = sq[:len(p)], v[:len(p)], g[:len(p)]
	for i, w := range p {
		d := g[i] + float32(decay*w)
		square := float32(alpha*sq[i]) + float32(gain*d*d)
		sq[i] = square
		u := d/(sqrt(square+inner)+outer) + float32(momentum*v[i])
		v[i] = u
		p[i] = w - float32(rate*u)
	}
}

// variance is what the centred steps have under the root: not below 0, where rounding may have put it.
func variance(square, mean float32) float32 {
	square -= float32(mean * mean)
	if square < 0 {
		return 0
	}
	return square
}

func portableRMSPropCentred(p, sq, mean, g []float32, decay, alpha, gain, inner, outer, rate float32) {
	sq, mean, g = sq[:len(p)], mean[:len(p)], g[:len(p)]
	for i, w := range p {
		d := g[i] + float32(decay*w)
		sq[i] = float32(alpha*sq[i]) + float32(gain*d*d)
		mean[i] = float32(alpha*mean[i]) + float32(gain*d)
		p[i] = w - float32(rate*(d/(sqrt(variance(sq[i], mean[i])+inner)+outer)))
	}
}

func portableRMSPropCentredMomentum(
	p, sq, mean, v, g []float32, decay, alpha, gain, inner, outer, rate, momentum float32,
) {
	sq, mean, v, g = sq[:len(p)], mean[:len(p)], v[:len(p)], g[:len(p)]
	for i, w := range p {
		d := g[i] + float32(decay*w)
		sq[i] = float32(alpha*sq[i]) + float32(gain*d*d)
		mean[i] = float32(alpha*mean[i]) + float32(gain*d)
		u := d/(sqrt(variance(sq[i], mean[i])+inner)+outer) + float32(momentum*v[i])
		v[i] = u
		p[i] = w - float32(rate*u)
	}
}
