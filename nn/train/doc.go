// Package train is the training loop: a game of players, each of whom owns some parameters and lowers a loss of its own. A
// plain model is a game of one, a generative adversarial network a game of two.
//
//	run := train.Run{Dir: "runs/sr", Steps: 20_000, Seed: 1}
//	err := train.Play(ctx, run, []train.Player[Batch]{{
//		Model: net,
//		Opt:   optim.Adam{Rate: 1e-4},
//		Loss: func(s *train.Step, b Batch) train.Terms {
//			y := train.Use(s, net).Forward(s.Const(b.Small), s.Pass)
//			return train.Terms{{Name: "mse", Weight: 1, Value: nn.MSE(y, s.Const(b.Large))}}
//		},
//	}}, source)
//
// A step of a run is a round, in which every player in order takes its turns. All that is random in a turn, and the batch,
// is a function of the seed, the round, the player, the turn and the shard. So a run that is killed at any moment and
// started again goes on from its newest checkpoint and ends with the same bits as one that was left alone; and since the
// gradients of shards are summed along a fixed tree, no result depends on the number of cores.
package train
