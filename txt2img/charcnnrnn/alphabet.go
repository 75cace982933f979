package charcnnrnn

import "unicode"

// Alphabet is the characters that an encoder reads, in the order of the columns of [OneHot]: 70 of them, of which "-" is there
// twice. In the published code the last place of a character counts, so column 36 is never set. Reed et al. 2016 (CVPR), §4.1
// and its code.
const Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+-=<>()[]{} "

// Symbols is the number of characters in [Alphabet].
const Symbols = len(Alphabet)

// columns is the column of each ASCII character, −1 for those that are not in the alphabet.
var columns = func() (c [128]int8) {
	for i := range c {
		c[i] = -1
	}
	for i, r := range Alphabet {
		c[r] = int8(i)
	}
	return c
}()

// Column returns the place of a character in [Alphabet], counted from 0, or −1 if it is not there. Capital letters count as
// small ones.
func Column(r rune) int {
	if r = unicode.ToLower(r); r < 0 || int(r) >= len(columns) {
		return -1
	}
	return int(columns[r])
}
