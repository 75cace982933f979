package main

import (
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/examples/internal/pictures"
	"github.com/gander-ml/gander/nn/data/labelled"
)

// source says which pictures to learn from or to compare with.
type source struct {
	data, classes, held string
	load                int
}

func (o *source) flags(flags *flag.FlagSet) {
	flags.StringVar(&o.data, "data", "", "`folder` of CIFAR-10 or STL-10 binaries or of pictures; without it, shapes are drawn")
	flags.StringVar(&o.classes, "classes", "", "take these `classes` only, and several as one, such as cat,birds=owl|duck*")
	flags.IntVar(&o.load, "load", 0, "`side` that pictures of a folder are brought to before they are cropped at random; 0 means the finest size. "+
		"LAPGAN for LSUN takes 1.5 times that")
	flags.StringVar(&o.held, "held", "", "`file` of CIFAR-10 records, or folder of pictures, that are never learnt from, even where they are in -data; "+
		"eval takes likelihoods of them")
}

// read returns the pictures, or drawn shapes, with sides of at least so many pixels.
func (o source) read(side int) (pictures.Set, error) {
	const drawn = 5000
	if o.load != 0 && o.load < side {
		return pictures.Set{}, cli.Usage(fmt.Sprintf("-load %d is below the finest size, %d", o.load, side))
	}
	if o.data == "" && o.held != "" {
		return pictures.Set{}, cli.Usage("-held needs -data")
	}
	set, err := pictures.Load(o.data, max(side, o.load), drawn)
	if err == nil && o.held != "" {
		if err = set.HoldOut(o.held, max(side, o.load)); err != nil {
			err = fmt.Errorf("-held: %w", err)
		}
	}
	for _, bad := range set.Bad {
		fmt.Fprintln(os.Stderr, "lapgan: left out:", bad)
	}
	if err != nil || o.classes == "" {
		return set, err
	}
	groups, err := parseClasses(o.classes, set.Learn.Classes)
	if err != nil {
		return set, err
	}
	set.Learn, set.Held = groups.choose(set.Learn), groups.choose(set.Held)
	if set.Apart != nil {
		set.Apart = groups.choose(set.Apart)
	}
	return set, nil
}

// sameClasses returns an error if a run was trained on pictures of other classes than those that it is compared with.
func sameClasses(dir string, known []string, set pictures.Set) error {
	if slices.Equal(known, set.Held.Classes) {
		return nil
	}
	return fmt.Errorf("%s was trained on the classes %q, and %s has %q; -data and -classes say what it is compared with", dir, known, set.Name, set.Held.Classes)
}

// groups are the classes to take, each made of some that the pictures have.
type groups struct {
	names []string
	of    map[int]int // number of a class of the pictures → number in names
}

// parseClasses reads a list such as cat,birds=owl|duck*. Patterns are those of path.Match.
func parseClasses(text string, classes []string) (g groups, err error) {
	g.of = map[int]int{}
	for part := range strings.SplitSeq(text, ",") {
		name, patterns, named := strings.Cut(strings.TrimSpace(part), "=")
		if !named {
			patterns = name
		}
		for pattern := range strings.SplitSeq(patterns, "|") {
			some := false
			for k, class := range classes {
				match, err := path.Match(pattern, class)
				if err != nil {
					return g, cli.Usage(fmt.Sprintf("-classes: %q is no pattern", pattern))
				}
				if !match {
					continue
				}
				if _, twice := g.of[k]; twice {
					return g, cli.Usage(fmt.Sprintf("-classes: %s is asked for twice", class))
				}
				g.of[k], some = len(g.names), true
			}
			if !some {
				return g, cli.Usage(fmt.Sprintf("-classes: no class %q; there are %q", pattern, classes))
			}
		}
		g.names = append(g.names, name)
	}
	return g, nil
}

// choose returns the pictures of the classes, renamed.
func (g groups) choose(m *labelled.Images) *labelled.Images {
	var of, labels []int
	for i, l := range m.Labels {
		if k, ok := g.of[l]; ok {
			of, labels = append(of, i), append(labels, k)
		}
	}
	out := m.Subset(of)
	out.Labels, out.Classes = labels, slices.Clone(g.names)
	return out
}

// middle returns the pictures cropped to the middle.
func middle(m *labelled.Images, side int) *labelled.Images {
	if m.Height == side && m.Width == side {
		return m
	}
	out := *m
	out.Height, out.Width, out.Pixels = side, side, nil
	top, left, line := (m.Height-side)/2, (m.Width-side)/2, m.Width*m.Channels
	for i := range m.Len() {
		for y := range side {
			at := (i*m.Height+top+y)*line + left*m.Channels
			out.Pixels = append(out.Pixels, m.Pixels[at:at+side*m.Channels]...)
		}
	}
	return &out
}
