// Package caption reads sets of pictures with sentences about them: a file of JSON lines beside the pictures,
//
//	{"file": "images/frog.png", "class": "amphibian", "split": "train", "captions": ["a green frog", "a frog"]}
//
// and checks what zero-shot protocols rely on, that no class is in two splits.
package caption
