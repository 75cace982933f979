// Package torch7 reads .t7 files: what torch.save of Torch7 (Collobert, Kavukcuoglu & Farabet 2011) writes, binary or as
// text. Numbers, strings, booleans, tables, tensors and storages are read; functions, which are programs, and objects of other
// classes are errors that name them.
//
//	v, err := torch7.Open("class_00001.t7", torch7.Options{})
//	…
//	sentences, err := torch7.Sentences(v.(*torch7.Tensor))
//
// [Sentences] and [EntryOf] understand what the captions and features of Reed et al. 2016 are published as.
package torch7
