// Package golden holds reference results computed with PyTorch, so that tests compare with numbers that gander did not
// make. Load hands out the arrays of one case by name, Meta its settings; layout.go turns PyTorch's layouts into gander's.
//
// # Provenance
//
// make_golden.py, beside this file, made all of vectors/ with PyTorch 1.13 and numpy; Meta(name)["torch"] records the
// version. Inputs are seeded by the case's name and are float32 numbers. Everything else was computed in float64 and
// rounded to float32 once, so an honest float32 computation differs only by its own rounding. Gradients were compared with
// finite differences before they were written, the char_gru recurrence with a second one in numpy, and the Torch7 rules
// that are special cases of PyTorch's with PyTorch's. Inputs keep clear of kinks and ties (at least 1e-3 from a
// kink, 1e-4 in srresnet, 1e-5 between the values of a maximum). Running the script again writes the same bytes.
// Tests need neither Python nor PyTorch.
//
// A file is one line of JSON, {"torch":…, "meta":{…}, "arrays":[[name,shape],…]}, then the arrays in that order as
// little-endian float32.
//
// # Names of arrays
//
// Operations have inputs x, w, b and output y (losses: loss; networks: PyTorch's parameter names). grad.y is a given
// upstream gradient; grad.<input> is the gradient of Σ over outputs of grad.<output>⊙output, or of the loss itself. All
// arrays are in PyTorch's layout: images (N,C,H,W), sequences (N,C,L) for convolution and (N,L,C) for recurrence,
// kernels (O,I/g,KH,KW), transposed kernels (I,O/g,KH,KW), linear weights (out,in). Means run over all elements.
//
// # Cases
//
// Convolution, x, w, b, y and all gradients. Meta has stride, pad, dilation, groups, pad_mode, output_pad where they
// apply; a pair is (height, width):
//
//	conv2d_k3p1 conv2d_k1 conv2d_k4s2p1 conv2d_k5s2p2 conv2d_k9p4 conv2d_k9p4_to3 conv2d_dilation2 conv2d_groups2
//	conv2d_odd_sizes conv2d_rectangular conv2d_reflect conv2d_winograd conv2d_winograd_odd conv2d_winograd_valid
//	conv_transpose2d_k4s2p1 conv_transpose2d_k4s1p0 conv_transpose2d_output_pad conv_transpose2d_groups2
//	conv_transpose2d_k5s3p0 conv1d_k4 conv1d_k3s2p1 linear
//
// Pooling, x, y and gradient; average pooling counts the padding unless the name says otherwise:
//
//	max_pool1d_k3s3 max_pool1d_k3s2 max_pool2d_k2s2 max_pool2d_k3s2p1 max_pool2d_k3s2_ceil max_pool2d_k2s2_ceil
//	avg_pool2d_k2s2 avg_pool2d_k3s2p1 avg_pool2d_k3s2p1_exclude_pad avg_pool2d_k3s2_ceil adaptive_avg_pool2d
//	global_avg_pool2d
//
// Normalisation, x, w, b, y and gradients, eps 1e-5. Batch norm moves running_mean and running_var to new_running_… with
// momentum 0.1; eval.y and eval.grad.… are inference on the same x and grad.y with the new statistics:
//
//	batch_norm2d batch_norm1d instance_norm layer_norm group_norm
//
// Activations, with saturated inputs among the others; and softmax over the last axis:
//
//	relu leaky_relu elu elu_alpha selu softplus sigmoid tanh gelu silu softmax log_softmax prelu_shared prelu_channel
//
// Rearrangement and resizing (align_corners false, no antialiasing, "nearest" takes floor(i·in/out)):
//
//	pixel_shuffle_r2 pixel_shuffle_r3 pixel_unshuffle_r2
//	interpolate_nearest_x2 interpolate_nearest_up interpolate_nearest_down interpolate_nearest_exact_up
//	interpolate_nearest_exact_down interpolate_bilinear_x2 interpolate_bilinear_up interpolate_bilinear_down
//
// Recurrent networks over (N,L,C), outputs y, h_n (and c_n), gradients into and of all of them; "_bi" is bidirectional with
// the two directions side by side in y, "_state" starts from h0 (and c0) instead of zeros. Gate blocks are r,z,n for the GRU
// and i,f,g,o for the LSTM. char_rnn and char_gru are those of Reed et al. 2016: the first step leaves out the hidden
// maps and their biases; Meta has the formula, y holds every h:
//
//	rnn_relu rnn_relu_bi rnn_relu_state gru gru_bi gru_state lstm lstm_bi lstm_state char_gru char_rnn
//
// Losses, value and gradient. labels are class numbers stored as floats; kl holds the single terms:
//
//	loss_bce_logits loss_bce_logits_weighted loss_cross_entropy loss_mse loss_l1 loss_smooth_l1 loss_kl_standard
//	loss_kl_gaussians loss_hinge
//
// Optimisers, from p0 with the given grads (6,8); params (6,8) are the values after each step. Elements 1 and 2 have
// gradients near 1e-7 and 1e-8, which shows where epsilon goes; element 3 has none:
//
//	sgd sgd_weight_decay sgd_momentum sgd_nesterov sgd_dampening adam adam_options adam_amsgrad adamw
//	rmsprop rmsprop_momentum rmsprop_centered torch7_adam torch7_rmsprop torch7_sgd
//
// Second order: the gradient penalty gp and R1 penalty r1 of a small critic, conv1 (k3p1), activation, conv2 (k3s2p1),
// activation, linear; score, score.grad.x, and gp.grad.… and r1.grad.… for x and every parameter:
//
//	critic_penalty_leaky_relu critic_penalty_tanh
//
// Whole network and weight normalisation. srresnet: y, loss against target, the gradient of every parameter and of x,
// running statistics before and after; spectral norm: one power iteration from u to v and new_u, sigma, y = w/sigma,
// grad.w with u and v held constant, and true_sigma by SVD:
//
//	srresnet spectral_norm_conv spectral_norm_linear
package golden
