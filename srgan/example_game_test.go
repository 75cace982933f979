package srgan_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor"
)

// A generator is trained on pixels first and against a discriminator afterwards. The sizes and numbers of updates are far
// below what makes good pictures.
func ExampleGame() {
	rng := rand.New(rand.NewPCG(1, 1))
	photos := []*tensor.Tensor{tensor.RandU(rng, 0, 1, 64, 64, 3), tensor.RandU(rng, 0, 1, 64, 64, 3)}
	patches, err := srgan.NewPatches(photos, srgan.PatchOptions{Size: 32, Batch: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	play := func(game srgan.Game, updates int) error {
		run := train.Run{Steps: updates, Seed: 1, Config: game.Facts(), Progress: io.Discard, OnLog: func(r train.Record) error {
			fmt.Printf("%v: %q\n", game.Variant, slices.Sorted(maps.Keys(r.Terms)))
			return nil
		}}
		players := game.Players(srgan.PaperAdam(game.Variant, updates))
		return train.Play(context.Background(), run, players, data.Source[srgan.Pair](patches))
	}

	generator := srgan.NewSRResNet(srgan.Options{Channels: 8, Blocks: 1}, rng)
	if err := play(srgan.Game{Variant: srgan.SRResNetMSE, Generator: generator}, 3); err != nil {
		fmt.Println(err)
		return
	}
	game := srgan.Game{
		Variant:       srgan.SRGANVGG54,
		Generator:     generator,
		Discriminator: srgan.NewDiscriminator(srgan.DiscriminatorOptions{Height: 32, Channels: 8, Hidden: 16}, rng),
		Content:       srgan.FeatureLoss{Features: vgg.New(vgg.Options{Width: 8}, rng)}, // or vgg.Load("vgg19.pth", …)
		TV:            srgan.TVWeight,
	}
	if err := play(game, 4); err != nil {
		fmt.Println(err)
		return
	}

	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "srgan.safetensors")
	manifest := srgan.Manifest(generator, 4)
	manifest.Facts = game.Facts()
	if err := checkpoint.Save(file, generator, manifest); err != nil {
		fmt.Println(err)
		return
	}
	read, err := checkpoint.ReadManifest(file)
	fmt.Println(read.Architecture, read.Facts["variant"], read.Facts["content"], err)
	// Output:
	// SRResNet-MSE: ["generator/mse"]
	// SRGAN-VGG54: ["discriminator/fake" "discriminator/p(fake)" "discriminator/p(real)" "discriminator/real" "generator/adversarial" "generator/tv" "generator/vgg19-5.4 (width 8, random weights)"]
	// srresnet SRGAN-VGG54 vgg19-5.4 (width 8, random weights) <nil>
}
