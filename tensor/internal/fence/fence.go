//go:build unix

// Package fence gives tests memory that ends, or begins, beside a page that cannot be touched: a kernel that reads or
// writes beyond a slice there ends the program.
package fence

import (
	"syscall"
	"testing"
	"unsafe"
)

// Floats returns n zeros that end right before such a page, or with after set begin right behind one. They are unmapped
// when the test ends.
func Floats(t testing.TB, n int, after bool) []float32 {
	page := syscall.Getpagesize()
	size := (4*n+page-1)/page*page + page
	all, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(all); err != nil {
			t.Error(err)
		}
	})
	fenced, at := all[size-page:], size-page-4*n
	if after {
		fenced, at = all[:page], page
	}
	if err := syscall.Mprotect(fenced, syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&all[at])), n)
}
