"""Finding entries again: an index beside the log, made from it and never believed instead of it."""
