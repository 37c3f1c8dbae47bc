"""Collecting: what changes mean, what is remembered of records, what is told and what waits."""
