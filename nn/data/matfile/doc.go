// Package matfile reads arrays of numbers and of characters from MAT-files of level 5, which MATLAB writes with -v6 (plain)
// and -v7 (each array packed with zlib), and scipy.io.savemat by default. "MAT-File Format", The MathWorks, describes them.
//
//	f, err := matfile.Open("setid.mat", matfile.Options{})
//	…
//	train, err := f.Array("trnid")
//	…
//	ids, err := train.Ints()
package matfile
