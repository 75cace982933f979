package charcnnrnn

import (
	"fmt"
	"unicode/utf8"
)

// Reading is how much of a caption reaches an encoder.
type Reading struct {
	Characters int // of the caption; a byte that is not UTF-8 counts as one
	Read       int // within the encoder's length and in its alphabet
	Unknown    int // within the length and outside the alphabet
	Cut        int // beyond the length
	Broken     int // bytes that are not UTF-8; they are among the others, too
}

// Inspect returns how much of a caption an encoder of the given length reads.
func Inspect(caption string, length int) Reading {
	var r Reading
	for i, c := range caption {
		if c == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(caption[i:]); size == 1 {
				r.Broken++
			}
		}
		switch {
		case r.Characters >= length:
			r.Cut++
		case Column(c) >= 0:
			r.Read++
		default:
			r.Unknown++
		}
		r.Characters++
	}
	return r
}

// Warning returns what a person should be told, in one line, or nothing if all of the caption is read.
func (r Reading) Warning() string {
	switch {
	case r.Characters == 0:
		return "the sentence is empty: the picture will be one of anything"
	case r.Read == 0:
		return "no character of the sentence is one that the encoder reads (English letters, digits and ASCII punctuation): " +
			"it is taken for an empty one"
	case r.Broken > 0:
		return fmt.Sprintf("bytes that are not UTF-8 are passed over: %d", r.Broken)
	case r.Unknown > 0 && r.Cut > 0:
		return fmt.Sprintf("characters that the encoder does not read are passed over: %d outside its alphabet, %d beyond its length",
			r.Unknown, r.Cut)
	case r.Unknown > 0:
		return fmt.Sprintf("characters outside the encoder's alphabet are passed over: %d", r.Unknown)
	case r.Cut > 0:
		return fmt.Sprintf("characters beyond the encoder's length are passed over: %d", r.Cut)
	}
	return ""
}
