// Package metric measures what a generator makes: Fréchet and kernel distances, scores, precision and recall over the
// features of any network; Parzen windows; MS-SSIM diversity.
//
// Figures are comparable only if they were made in the same way: every [Figure] carries its protocol, which names the
// network, the numbers of pictures and of dimensions, and the seed. Pictures come a block at a time and features can be
// reduced to their [Stats] as they come, so that memory does not grow with their number. Results are the same on any number
// of cores.
package metric
