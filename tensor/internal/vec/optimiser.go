package vec

// The functions of this file update parameters p, and what goes with them, by one step with gradients g.

// SGD sets p[i] −= rate·(g[i] + decay·p[i]).
func SGD(p, g []float32, decay, rate float32) { runSGD(p, same(g, len(p)), decay, rate) }

// SGDMomentum sets, with d = g[i] + decay·p[i],
//
//	v[i] = momentum·v[i] + gain·d
//	p[i] −= rate·v[i]
func SGDMomentum(p, v, g []float32, decay, momentum, gain, rate float32) {
	runSGDMomentum(p, same(v, len(p)), same(g, len(p)), decay, momentum, gain, rate)
}

// SGDNesterov is [SGDMomentum] with p[i] −= rate·(d + momentum·v[i]).
func SGDNesterov(p, v, g []float32, decay, momentum, gain, rate float32) {
	runSGDNesterov(p, same(v, len(p)), same(g, len(p)), decay, momentum, gain, rate)
}

// Adam sets, with d = g[i] + decay·p[i],
//
//	m[i] = beta1·m[i] + gain1·d
//	v[i] = beta2·v[i] + gain2·d·d
//	p[i] = keep·p[i] − rate·m[i]/(√v[i] + eps)
func Adam(p, m, v, g []float32, decay, beta1, gain1, beta2, gain2, keep, rate, eps float32) {
	n := len(p)
	runAdam(p, same(m, n), same(v, n), same(g, n), decay, beta1, gain1, beta2, gain2, keep, rate, eps)
}

// AMSGrad is [Adam] with peak[i] = max(peak[i], v[i]) in place of v[i] under the root.
func AMSGrad(p, m, v, peak, g []float32, decay, beta1, gain1, beta2, gain2, keep, rate, eps float32) {
	n := len(p)
	runAMSGrad(p, same(m, n), same(v, n), same(peak, n), same(g, n), decay, beta1, gain1, beta2, gain2, keep, rate, eps)
}

// RMSProp sets, with d = g[i] + decay·p[i],
//
//	sq[i] = alpha·sq[i] + gain·d·d
//	p[i] −= rate·d/(√(sq[i] + inner) + outer)
func RMSProp(p, sq, g []float32, decay, alpha, gain, inner, outer, rate float32) {
	runRMSProp(p, same(sq, len(p)), same(g, len(p)), decay, alpha, gain, inner, outer, rate)
}

// RMSPropMomentum is [RMSProp] where the quotient enters a velocity, v[i] = quotient + momentum·v[i], p[i] −= rate·v[i].
func RMSPropMomentum(p, sq, v, g []float32, decay, alpha, gain, inner, outer, rate, momentum float32) {
	n := len(p)
	runRMSPropMomentum(p, same(sq, n), same(v, n), same(g, n), decay, alpha, gain, inner, outer, rate, momentum)
}

// RMSPropCentred is [RMSProp] with mean[i] = alpha·mean[i] + gain·d and max(sq[i] − mean[i]², 0) under the root.
func RMSPropCentred(p, sq, mean, g []float32, decay, alpha, gain, inner, outer, rate float32) {
	n := len(p)
	runRMSPropCentred(p, same(sq, n), same(mean, n), same(g, n), decay, alpha, gain, inner, outer, rate)
}

// RMSPropCentredMomentum is [RMSPropCentred] and [RMSPropMomentum] together.
func RMSPropCentredMomentum(p, sq, mean, v, g []float32, decay, alpha, gain, inner, outer, rate, momentum float32) {
	n := len(p)
	runRMSPropCentredMomentum(p, same(sq, n), same(mean, n), same(v, n), same(g, n),
		decay, alpha, gain, inner, outer, rate, momentum)
}
