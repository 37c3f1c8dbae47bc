"""Reads the registers' change feeds: each from its cursor, each change kept before applied."""
