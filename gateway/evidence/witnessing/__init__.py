"""The witness: another office's copy of the leaf hashes, and its signature under checkpoints."""
