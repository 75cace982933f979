// Package optim holds the rules by which parameters learn from their gradients: stochastic gradient descent, Adam, AdamW
// and RMSProp, schedules for their rates, and gradient clipping.
//
// A rule is a plain struct of numbers whose zero fields mean the usual defaults. [Zero] stands for the number 0 in such a
// field:
//
//	optim.Adam{Rate: 2e-4, Beta1: 0.5}
//	optim.Adam{Rate: 1e-4, Beta1: optim.Zero, Beta2: 0.9}
//
// [Optimizer.Init] makes the state that a rule keeps for some parameters; the state takes the steps:
//
//	state := optim.Adam{Rate: 1e-3}.Init(nn.Params(net))
//	state.Step(autograd.Grad(loss, nn.Params(bound)...))
package optim
