"""Relays: a subscription's stream, laid into an engine that a province runs already.

One engine's stream holds one subscription's events under their numbers, in order. How far it is,
the engine itself says, so nothing is lost or told twice, whoever dies between two steps.
"""
