package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
)

// presets are values of flags that go together. Flags that are given win.
var presets = map[string]map[string]string{
	// The pyramids of the paper.
	"cifar": {"sizes": "8,14,28", "levels": "dense,conv,conv", "rule": "paper", "norm": "pixel", "ema": "0"},
	"stl":   {"sizes": "8,16,32,64,96", "levels": "dense,conv,conv,conv,conv", "rule": "paper", "norm": "pixel", "ema": "0"},
	"lsun": {
		"sizes": "4,8,16,32,64", "levels": "dense,lsun,lsun,lsun,lsun", "rule": "lsun", "norm": "channel", "gated": "true", "ema": "0",
		"load": "96", "unconditional": "true",
	},
	// Plain GANs to compare with are pyramids of one level. The generator of cgan has as many parameters as those of cifar
	// together, where both know ten classes, and its discriminator is that of the finest level of cifar.
	"cgan": {"sizes": "28", "levels": "dense/conv", "units": "710", "rule": "paper", "norm": "pixel", "ema": "0"},
	"gan":  {"sizes": "28", "levels": "dense", "rule": "paper", "norm": "pixel", "ema": "0"},
	// Row LSTM at the base, adversarial networks above.
	"mixed": {"sizes": "8,16,32", "levels": "row,conv,conv", "rule": "adam", "norm": "channel", "width": "1,32,32"},
	// Some hundred pictures with shapes: networks that see them as a whole, and everything that keeps a discriminator from
	// learning them by heart.
	"small": {
		"sizes": "8,16,32,64", "levels": "deep,deep,deep,deep", "width": "64,32,24,16", "rule": "adam", "norm": "signed", "batch": "32",
		"r1": "0.1", "augment": "translation,cutout", "ema": "0.999", "disturb": "0.15", "content": "5", "choose": "last", "steps": "8000",
	},
}

// applyPreset sets the flags of a preset that were not given.
func applyPreset(flags *flag.FlagSet, name string) error {
	if name == "" {
		return nil
	}
	values, ok := presets[name]
	if !ok {
		var names []string
		for n := range presets {
			names = append(names, n)
		}
		slices.Sort(names)
		return cli.Usage(fmt.Sprintf("no preset %q; there are %s", name, strings.Join(names, ", ")))
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for flag, value := range values {
		if given[flag] {
			continue
		}
		if err := flags.Set(flag, value); err != nil {
			return fmt.Errorf("preset %s: -%s %s: %w", name, flag, value, err)
		}
	}
	return nil
}
