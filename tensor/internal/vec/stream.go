package vec

// StreamLen is how many elements a result of this package has at least when it is written past the caches, where the
// processor can. A store that goes through the caches first reads the memory it overwrites, and drives out what is of
// more use. So callers take blocks of this length for results that the caches cannot hold, and shorter ones for those
// that the next operation is to find there.
const StreamLen = 1 << 16
