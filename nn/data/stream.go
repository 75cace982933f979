package data

import "math/rand/v2"

// Stream returns the random numbers of one place in a run: a function of the seed and of the keys, which say what the
// place is (a step, a player, an epoch). Streams of different keys are independent for all practical purposes.
func Stream(seed uint64, keys ...uint64) *rand.Rand {
	a, b := mix(seed), mix(^seed)
	for _, k := range keys {
		a = mix(a ^ k)
		b = mix(b + k)
	}
	return rand.New(rand.NewPCG(a, b))
}

// mix is the finaliser of SplitMix64 after one step of its counter: a permutation that spreads every bit. Steele, Lea &
// Flood 2014, "Fast splittable pseudorandom number generators".
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
