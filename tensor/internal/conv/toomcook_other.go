//go:build !amd64 || noasm

package conv

import "github.com/gander-ml/gander/tensor/internal/cpu"

func (l *lines) input(cpu.Level) {
	if l.check(8, 8) {
		l.each(8, 8, toomInput)
	}
}

func (l *lines) output(cpu.Level) {
	if l.check(8, 4) {
		l.each(8, 4, toomOutput)
	}
}

func (l *lines) gradient(cpu.Level) {
	if l.check(4, 8) {
		l.each(4, 8, toomGradient)
	}
}

func (l *lines) weight(cpu.Level) {
	if l.check(5, 8) {
		l.each(5, 8, toomWeightLine)
	}
}

func (l *lines) weightGradient(cpu.Level) {
	if l.check(8, 5) {
		l.each(8, 5, toomWeightGradientLine)
	}
}
