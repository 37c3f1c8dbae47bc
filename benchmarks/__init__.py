"""Measurements of the gateway on real processes and real protocols, told as ratios."""
