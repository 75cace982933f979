// Package tfevents writes event files, which TensorBoard shows: scalars and pictures over the steps of a run.
//
// A file is a sequence of records, framed as TFRecord does it, each of them an Event of TensorFlow's event.proto. Of its fields
// those are written that TensorBoard reads for scalars, pictures and restarts.
package tfevents
