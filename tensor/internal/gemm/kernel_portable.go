package gemm

import "github.com/gander-ml/gander/tensor/internal/cpu"

// portable is the twin in Go of the assembly kernels. Its tile is small enough for the registers of any processor.
var portable = &Kernel{Level: cpu.Portable, Width: 4, tall: 2, run: runPortable, dot: dotPortable, panels: packRows, columns: packColumns, lines: copyRows}

func runPortable(b *Block) {
	for j := 0; j < b.N; j += 4 {
		panel := b.B[j/4*b.BPanel:]
		i := 0
		if b.N-j >= 4 {
			for ; i+2 <= b.M; i += 2 {
				tile2x4(b, i, j, panel)
			}
		}
		for ; i < b.M; i++ {
			row := b.C[i*b.CRow+j:][:min(4, b.N-j)]
			for e := range row {
				sum := float32(0)
				q := e
				for _, o := range b.Offs {
					for p := range b.K {
						sum += b.A[o+i*b.ARow+p*b.AK] * panel[q]
						q += b.BRow
					}
				}
				if b.Accumulate {
					sum += row[e]
				}
				row[e] = sum
			}
		}
	}
}

func tile2x4(b *Block, i, j int, panel []float32) {
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	q := 0
	for _, o := range b.Offs {
		u := o + i*b.ARow
		v := u + b.ARow
		for range b.K {
			x, y := b.A[u], b.A[v]
			w := panel[q : q+4 : q+4]
			s00 += x * w[0]
			s01 += x * w[1]
			s02 += x * w[2]
			s03 += x * w[3]
			s10 += y * w[0]
			s11 += y * w[1]
			s12 += y * w[2]
			s13 += y * w[3]
			u += b.AK
			v += b.AK
			q += b.BRow
		}
	}
	c, d := b.C[i*b.CRow+j:][:4], b.C[(i+1)*b.CRow+j:][:4]
	if b.Accumulate {
		s00, s01, s02, s03 = s00+c[0], s01+c[1], s02+c[2], s03+c[3]
		s10, s11, s12, s13 = s10+d[0], s11+d[1], s12+d[2], s13+d[3]
	}
	c[0], c[1], c[2], c[3] = s00, s01, s02, s03
	d[0], d[1], d[2], d[3] = s10, s11, s12, s13
}

func dotPortable(b *Block) {
	for i := range b.M {
		for j := range b.N {
			var s0, s1, s2, s3 float32
			q := j * b.BPanel
			for _, o := range b.Offs {
				x := b.A[o+i*b.ARow:][:b.K]
				y := b.B[q:][:b.K]
				q += b.K
				for len(x) >= 4 && len(y) >= 4 {
					s0 += x[0] * y[0]
					s1 += x[1] * y[1]
					s2 += x[2] * y[2]
					s3 += x[3] * y[3]
					x, y = x[4:], y[4:]
				}
				for p := range x {
					s0 += x[p] * y[p]
				}
			}
			s := s0 + s2 + (s1 + s3)
			if b.Accumulate {
				s += b.C[i*b.CRow+j]
			}
			b.C[i*b.CRow+j] = s
		}
	}
}
