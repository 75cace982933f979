package vec

func portableSums(b *block, x []float32, rows, stride, n int) {
	for r := range rows {
		for c, v := range x[r*stride:][:n] {
			b[0][c%width] += float64(v)
		}
	}
}

func portableDots(b *block, x, g []float32, rows, stride, n int) {
	for r := range rows {
		gr := g[r*stride:][:n]
		for c, v := range x[r*stride:][:n] {
			b[0][c%width] += float64(v) * float64(gr[c])
		}
	}
}

func portableDotsWhereNegative(b *block, x, g []float32, rows, stride, n int) {
	for r := range rows {
		gr := g[r*stride:][:n]
		for c, v := range x[r*stride:][:n] {
			if !(v > 0) {
				b[0][c%width] += float64(v) * float64(gr[c])
			}
		}
	}
}

func portableMoments(b *block, x, first []float32, rows, stride, n int) {
	for r := range rows {
		for c, v := range x[r*stride:][:n] {
			d := float64(v) - float64(first[c])
			b[0][c%width] += d
			b[1][c%width] += float64(d * d)
		}
	}
}

func portableCentredDots(b *block, x, g, mean []float32, rows, stride, n int) {
	for r := range rows {
		gr := g[r*stride:][:n]
		for c, v := range x[r*stride:][:n] {
			d := float64(gr[c])
			b[0][c%width] += d
			b[1][c%width] += d * float64(v-mean[c])
		}
	}
}
