package imaging_test

import (
	"fmt"
	"image"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

func Example() {
	dir, err := os.MkdirTemp("", "imaging")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "grey.png")

	err = imaging.Save(path, &imaging.Image{Pixels: tensor.Full(0.5, 48, 64, 1)}, imaging.EncodeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := imaging.Open(path, imaging.DecodeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Format, m.Width(), m.Height(), m.Channels(), m.Depth)
	// Output: PNG 64 48 1 8
}

func ExampleProtocol() {
	a := tensor.Full(0.5, 32, 32, 3)
	b := tensor.Full(0.52, 32, 32, 3)
	p := imaging.Protocol{Y: true, Border: 4}
	db, err := p.PSNR(a, b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f dB (%s)\n", db, p)
	// Output: 35.47 dB (Y of BT.601, border of 4 px cut, rounded to 8 bits, peak 255)
}

func ExampleGrid() {
	samples := tensor.New(6, 16, 16, 3)
	sheet := imaging.Grid{Columns: 3, Zoom: 2, Pad: 2}.Compose(samples)
	fmt.Println(sheet.Width(), sheet.Height())
	// Output: 104 70
}

func ExampleCompare() {
	photo, enlarged := tensor.New(64, 64, 3), tensor.New(64, 64, 3)
	picture := imaging.Compare(imaging.Grid{Zoom: 4}, []image.Rectangle{image.Rect(8, 8, 40, 40)},
		imaging.Version{Name: "ours", Note: "30.10 dB", Pixels: enlarged},
		imaging.Version{Name: "original", Pixels: photo})
	fmt.Println(picture.Width())
	// Output: 272
}
