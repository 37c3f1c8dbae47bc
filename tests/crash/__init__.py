"""The carry-over survives its own death: at every point, in every process."""
