// Package checkpoint saves and loads the weights of networks, and the state of training runs.
//
// A checkpoint is a safetensors file with the names and the layout that PyTorch uses, so that weights travel both ways:
//
//	err := checkpoint.Save("painter.safetensors", painter, checkpoint.Manifest{Architecture: "painter", Step: 20_000})
//	err = checkpoint.Load(painter, "painter.safetensors")
//
// [Load] also reads PyTorch's own .pth files, by what they contain and not by their names; nothing that such a file
// asks to be run is run. Loading is strict: a tensor that is missing, left over or of another shape is an error that says
// so, and the network stays as it was. Files written here carry a checksum, and damage to any byte is an error, too.
//
// The [Manifest] in a checkpoint says what network the weights are for, so that a program can build it from the file
// alone. [Open] lists what a file holds.
//
// A [State] is what a training run needs to go on after a pause: named arrays that come back bit for bit, among them
// whole networks. [WriteStep], [Latest] and [Prune] keep a folder of them, one for each of some steps, and survive
// a run that is killed at any moment.
//
// Files are written beside the old ones, synced and renamed: at every moment there is a whole file, old or new.
package checkpoint
