// Package mos runs trials in which people rate pictures: the mean opinion score test of Ledig et al. 2017, §3.3.
//
//	trial, err := mos.New(pictures, mos.Options{Seed: 1})
//	err = trial.Write("trial")                       // index.html for the raters, and key.json for yourself
//	…
//	scores, err := mos.Aggregate(key, ratings)       // from the files that raters send back
//
// The page shows one picture after another, in an order that is random and another one for every rater, and asks for a
// rating from 1, bad, to 5, excellent. It begins with examples of both ends, if there are any. It needs no network and no
// server: a rater opens it from the folder and saves a file of ratings at the end. Nothing in the page or in the names of its
// pictures tells how a picture was made; that is in key.json, which is not to be handed out.
package mos
