package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"image"
	"time"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor/imaging"
)

// photo is Chelsea the cat by Stefan van der Walt (CC0), which no embedded network has been trained on.
//
//go:embed cat.png
var photo []byte

var demo = cli.Command{
	Usage: "[-out FILE]",
	Help:  "Shrink an embedded photo, enlarge it again by every embedded network, and put them side by side.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		out := flags.String("out", "srgan.png", "the comparison, a picture `file`")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			return runDemo(ctx, *out)
		}
	},
}

func runDemo(ctx context.Context, out string) error {
	if _, err := imaging.FormatOf(out); err != nil {
		return cli.Usage(err.Error())
	}
	original, err := imaging.DecodeBytes(photo, imaging.DecodeOptions{})
	if err != nil {
		return err
	}
	methods, scale, err := evalOptions{}.own()
	if err != nil {
		return err
	}
	start := time.Now()
	scores, pictures, err := srgan.Evaluate(ctx, original.RGB(), scale, append([]srgan.Method{srgan.Bicubic(scale)}, methods...)...)
	if err != nil {
		return err
	}
	fmt.Printf("A photo of %d×%d pixels, shrunk to %d×%d and enlarged again in %.1f s:\n\n",
		pictures.HR.Dim(1), pictures.HR.Dim(0), pictures.LR.Dim(1), pictures.LR.Dim(0), time.Since(start).Seconds())
	fmt.Printf("  %-10s %12s %8s\n", "", "PSNR (dB)", "SSIM")
	var versions []imaging.Version
	for i, s := range scores {
		fmt.Printf("  %-10s %12.2f %8.4f\n", s.Method, s.PSNR, s.SSIM)
		versions = append(versions, imaging.Version{
			Name: s.Method, Note: fmt.Sprintf("%.2f dB, SSIM %.3f", s.PSNR, s.SSIM), Pixels: pictures.Enlarged[i],
		})
	}
	fmt.Printf("\n  (%v)\n", srgan.Benchmark(scale))
	versions = append(versions, imaging.Version{Name: "original", Pixels: pictures.HR})
	sheet := imaging.Compare(imaging.Grid{Zoom: 2}, crops, versions...)
	if err := imaging.Save(out, sheet, imaging.EncodeOptions{}); err != nil {
		return err
	}
	fmt.Printf("\nSide by side in %s. To enlarge a photo of your own: go run ./examples/srgan upscale IN OUT\n", out)
	return nil
}

// crops are the parts of the photo that the comparison shows.
var crops = []image.Rectangle{
	image.Rect(224, 64, 384, 176),
	image.Rect(96, 160, 256, 272),
}
