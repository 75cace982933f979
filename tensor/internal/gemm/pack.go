package gemm

// PackedLen returns the length of n columns and k rows packed into panels.
func (k *Kernel) PackedLen(rows, n int) int { return (n + k.Width - 1) / k.Width * k.Width * rows }

// PackRows copies b, rows×n or with trans stored n×rows, into rows at to at+rows of a matrix of panels that has all rows:
// row p of panel j lies at dst[(j·all+p)·Width]. Columns past n are zero.
func (k *Kernel) PackRows(dst []float32, all, at int, b []float32, rows, n, ldb int, trans bool) {
	for j := 0; j < n; j += k.Width {
		k.packPanel(dst[j*all+at*k.Width:][:k.Width*rows], b, rows, j, min(k.Width, n-j), ldb, trans)
	}
}

// packPanel copies columns j to j+cols.
func (k *Kernel) packPanel(dst, b []float32, rows, j, cols, ldb int, trans bool) {
	w := k.Width
	if trans {
		packColumns(dst, b[j*ldb:], rows, cols, w, ldb)
		return
	}
	for p := range rows {
		d := dst[p*w:][:w]
		clear(d[copy(d, b[p*ldb+j:][:cols]):])
	}
}

// packColumns sets dst[p·width+i] = b[i·ldb+p] for p < rows and i < cols and clears the other columns of dst.
func packColumns(dst, b []float32, rows, cols, width, ldb int) {
	i := 0
	for ; i+4 <= cols; i += 4 {
		b0, b1, b2, b3 := b[i*ldb:][:rows], b[(i+1)*ldb:][:rows], b[(i+2)*ldb:][:rows], b[(i+3)*ldb:][:rows]
		at := i
		for p, v := range b0 {
			d := dst[at : at+4 : at+4]
			d[0], d[1], d[2], d[3] = v, b1[p], b2[p], b3[p]
			at += width
		}
	}
	for ; i < cols; i++ {
		at := i
		for _, v := range b[i*ldb:][:rows] {
			dst[at] = v
			at += width
		}
	}
	if cols < width {
		for p := range rows {
			clear(dst[p*width+cols:][:width-cols])
		}
	}
}
