// Command pixelrnn draws pictures pixel by pixel, each given all before it, and completes pictures of which a part is hidden:
// PixelCNN, Row LSTM and Diagonal BiLSTM (van den Oord et al. 2016).
//
//	go run ./examples/pixelrnn train -out RUN                          Diagonal BiLSTM on digits that the program draws
//	go run ./examples/pixelrnn train -data DIR -out RUN                on MNIST, CIFAR-10 or STL-10 as they come, or a folder
//	go run ./examples/pixelrnn train -kind pixelcnn -layers 7 -out RUN or row
//	go run ./examples/pixelrnn eval -data DIR RUN/model.safetensors... the exact likelihood of held-out pictures
//	go run ./examples/pixelrnn sample -model RUN/model.safetensors sheet.png
//	go run ./examples/pixelrnn complete -model RUN/model.safetensors -data DIR completed.png
//
// Digits are binary, other pictures have up to 256 values a colour. Every command takes -h.
package main

import "github.com/gander-ml/gander/examples/internal/cli"

func main() {
	cli.Main("pixelrnn", "pixelrnn draws pictures pixel by pixel (van den Oord et al. 2016).",
		trainCommand, evalCommand, sampleCommand, completeCommand)
}
