"""Rows of an admission list as identities."""
