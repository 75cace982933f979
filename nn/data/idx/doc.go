// Package idx reads the format of MNIST and the sets that followed it: arrays of bytes with a header that says their sizes,
// plain or compressed with gzip. LeCun, Cortes & Burges, "The MNIST database of handwritten digits".
package idx
