"""Digests: whether a subscriber holds the same of a school as we do, and which child differs."""
