// Package caption reads sets of pictures with sentences about them: a file of JSON lines beside the pictures,
//
//	{"file": "images/frog.png", "class": "amphibian", "split": "train", "captions": ["a green frog", "a frog"]}
//
// and checks what zero-shot protocols rely on, that no class is in two splits. The readers of other formats, packages cub,
// flowers and coco, return the same [Set] and share what is here: captions as text files, and lists of classes.
//
// Captions may be in any script. One that is empty, is not UTF-8, or is longer than a limit (64 KiB) is an error that says where
// it is; see [Options] and [TextOptions].
package caption
