package synthetic

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/labelled"
)

// CaptionedShapes draws n pictures of coloured shapes with five captions each, such as "a large red heart on a white
// ground". A class is a colour and a shape, such as "red heart". Every fifth class is kept for testing, so that the two
// sets have no class in common, but colours and shapes of the test are each met in training. The n pictures are dealt out
// to the training classes in turn, and n/4 more to the test classes. It panics if n is negative or a picture has less than
// 8 pixels a side.
func CaptionedShapes(n int, seed uint64, o ShapeOptions) (train, test *caption.Pictures) {
	o.Side = or(o.Side, 64)
	wantSizes("synthetic.CaptionedShapes", n, o.Side)
	var classes []string
	var split [2][]int // numbers of classes
	for s := range figures {
		for c := range inks {
			k := 0
			if (s+2*c)%5 == 0 {
				k = 1
			}
			split[k] = append(split[k], len(classes))
			classes = append(classes, inks[c].name+" "+figures[s].name)
		}
	}
	draw := func(n int, k int) *caption.Pictures {
		side := o.Side
		p := &caption.Pictures{
			Images: &labelled.Images{
				Height: side, Width: side, Channels: 3, Pixels: make([]uint8, n*side*side*3), Labels: make([]int, n), Classes: classes,
			},
			Captions: make([][]string, n), Files: make([]string, n),
		}
		each(n, seed, captionStream+uint64(k), func(i int, rng *rand.Rand) {
			class := split[k][i%len(split[k])]
			p.Images.Labels[i] = class
			p.Files[i] = fmt.Sprintf("%s-%06d", []string{"train", "test"}[k], i)
			p.Captions[i] = captioned(p.Images.Pixels[i*side*side*3:(i+1)*side*side*3], class, o, rng)
		})
		return p
	}
	return draw(n, 0), draw(n/4, 1)
}

// named is a colour with its name.
type named struct {
	name string
	colour
}

var (
	inks = []named{
		{"red", colour{215, 35, 35}}, {"green", colour{30, 150, 60}}, {"blue", colour{40, 80, 220}},
		{"yellow", colour{245, 210, 30}}, {"purple", colour{140, 50, 170}}, {"orange", colour{245, 130, 20}},
	}
	grounds = []named{
		{"white", colour{245, 245, 245}}, {"black", colour{20, 20, 20}}, {"grey", colour{140, 140, 140}}, {"pink", colour{250, 195, 205}},
	}
	sizes = []struct {
		name string
		size float64
	}{{"small", 0.2}, {"large", 0.4}}
)

// captioned draws a picture of a class and returns its captions.
func captioned(dst []uint8, class int, o ShapeOptions, rng *rand.Rand) []string {
	shape, ink := figures[class/len(inks)], inks[class%len(inks)]
	ground, size := pick(rng, grounds), pick(rng, sizes)
	shade := func(c colour) colour {
		for k := range c {
			c[k] += between(rng, -10, 10)
		}
		return c
	}
	from := shade(ground.colour)
	scene{
		figure: shape, ink: shade(ink.colour), from: from, to: from,
		size: size.size * between(rng, 0.9, 1.1), angle: between(rng, -math.Pi/10, math.Pi/10),
	}.paint(dst, o.Side, max(or(o.Noise, 0.02), 0), rng)
	return []string{
		fmt.Sprintf("a %s %s %s on a %s ground", size.name, ink.name, shape.name, ground.name),
		fmt.Sprintf("a %s %s", ink.name, shape.name),
		fmt.Sprintf("this picture shows a %s that is %s and %s", shape.name, size.name, ink.name),
		fmt.Sprintf("%s %s, %s background", ink.name, shape.name, ground.name),
		fmt.Sprintf("the %s is %s and the ground is %s", shape.name, ink.name, ground.name),
	}
}
