"""Verification batches: up to a million claims handed in at once, each asked once."""
