// Package network has generators and discriminators for package gan: those of the papers on GAN and CGAN, and those that
// have proved themselves since.
//
//   - [NewMNISTGenerator], [NewCIFARGenerator], [NewCIFARConvGenerator] and the discriminators beside them: Goodfellow et al. 2014
//   - [NewCGANGenerator], [NewCGANDiscriminator]: Mirza & Osindero 2014
//   - [NewDCGANGenerator], [NewDCGANDiscriminator]: Radford et al. 2016; without batch norm, a critic for WGAN-GP
//   - [NewResNetGenerator], [NewResNetDiscriminator]: Miyato et al. 2018, with spectral norm and conditions
//
// Pictures are (N,H,W,C). Discriminators return logits, (N,1).
package network
