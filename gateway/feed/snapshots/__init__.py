"""Snapshots: the current state in a subscription's scope, and the number its events go on from."""
