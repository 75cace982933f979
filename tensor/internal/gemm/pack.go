package gemm

// PackedLen returns the length of n columns and k rows packed into panels.
func (k *Kernel) PackedLen(rows, n int) int { return (n + k.Width - 1) / k.Width * k.Width * rows }

// PackRows copies b, rows×n or with trans stored n×rows, into rows at to at+rows of a matrix of panels that has all rows:
// row p of panel j lies at dst[(j·all+p)·Width]. Columns past n are zero.
func (k *Kernel) PackRows(dst []float32, all, at int, b []float32, rows, n, ldb int, trans bool) {
	k.pack(dst[at*k.Width:], all*k.Width, b, rows, n, ldb, trans)
}

// pack copies b, rows×cols or stored cols×rows, into panels that are apart values apart.
func (k *Kernel) pack(dst []float32, apart int, b []float32, rows, cols, ldb int, trans bool) {
	if rows == 0 || cols == 0 {
		return
	}
	if !trans {
		k.panels(dst, b, rows, cols, k.Width, apart, ldb)
		return
	}
	for j := 0; j < cols; j += k.Width {
		k.columns(dst[j/k.Width*apart:], b[j*ldb:], rows, min(k.Width, cols-j), k.Width, ldb)
	}
}

// packRows sets dst[j/width·apart + p·width + j mod width] = b[p·ldb+j] for p < rows and j < cols and clears the rest of the
// last panel.
func packRows(dst, b []float32, rows, cols, width, apart, ldb int) {
	for j := 0; j < cols; j += width {
		to, part := dst[j/width*apart:], min(width, cols-j)
		for p := range rows {
			d := to[p*width:][:width]
			clear(d[copy(d, b[p*ldb+j:][:part]):])
		}
	}
}

// packColumns sets dst[p·width+i] = b[i·ldb+p] for p < rows and i < cols and clears the other columns of dst.
func packColumns(dst, b []float32, rows, cols, width, ldb int) {
	packPart(dst, b, rows, 0, cols, width, ldb)
}

// copyRows sets dst[p·ld+j] = b[p·ldb+j] for p < rows and j < cols. What else there is of the rows of dst, up to a panel's width, may
// become zero.
func copyRows(dst, b []float32, rows, cols, ld, ldb int) {
	for p := range rows {
		copy(dst[p*ld:][:cols], b[p*ldb:])
	}
}

// packPart is packColumns for the columns from i on.
func packPart(dst, b []float32, rows, i, cols, width, ldb int) {
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
