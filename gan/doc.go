// Package gan trains generators against discriminators: losses, penalties, conditions, and the game of two players that
// package train plays.
//
//	game := gan.Game{
//		Generator: painter, Discriminator: critic,
//		Loss:    gan.NonSaturating{},
//		Penalty: gan.R1{Weight: 10, Every: 16},
//		Latent:  gan.Normal(100),
//	}
//	run := gan.Watch(train.Run{Dir: "runs/painter", Steps: 20_000, Seed: 1})
//	err := train.Play(ctx, run, game.Players(optim.Adam{Rate: 2e-4, Beta1: 0.5}), images)
//
// A generator and a discriminator are plain structs with a Forward method; see [Game] for its forms. Game is for batches
// of type [Batch]; losses, penalties and augmentation also work alone, in a training step of one's own.
//
// Package gan/network has ready-made networks, gan/metric measures what a generator has learned.
package gan
