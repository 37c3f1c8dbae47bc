"""Pulling: pages of a stream, waiting for the next event, and the acknowledged position."""
