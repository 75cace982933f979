// Package placed makes pictures of one or two digits at places that a caption tells, such as "the digit seven is on the left of
// the digit two .", for models that paint what a caption says. Some combinations of digit and place can be kept from training,
// to see what a model makes of what it never saw. Mansimov et al. 2016, "Generating images from captions with attention", §4.2.
//
//	ban := placed.NewBan(1)
//	allowed, banned := ban.Split()
//	set, err := placed.New(digits, allowed)
//	batches := set.Batches(100)
package placed
