// Package txt2img paints pictures of sentences. A generator that is given noise and an embedded caption plays against a
// discriminator that judges whether a picture is real and whether it fits the caption. Reed, Akata, Yan, Logeswaran, Schiele
// & Lee 2016, "Generative adversarial text to image synthesis", and the code released with it.
//
//	m, err := txt2img.OpenFile("emoji.safetensors")
//	pictures, err := m.Paint("a red heart", txt2img.Paint{N: 8, Seed: 1})
//
// To train one, captions are embedded by a [TextEncoder] that has been trained before, such as that of package charcnnrnn,
// and stays as it is:
//
//	set := txt2img.Captioned{Images: p.Images, Texts: texts}        // texts, err := txt2img.Embed(encoder, p.Captions)
//	src, err := set.Source()
//	game := txt2img.GANINTCLS.Of(txt2img.Game{
//		Generator:     txt2img.NewGenerator(o, rng),
//		Discriminator: txt2img.NewDiscriminator(o, rng),
//	})
//	err = train.Play(ctx, run, game.Players(txt2img.Recipe{}.Adam(set.Batches())), src)
//
// [Game] has the paper's four variants as switches, and any networks with the Forward of [gan.Conditional] can play it and
// paint: see the example of [Game].
package txt2img
