"""Looks: who was shown whom, counted blind, so that pulling children by the hundred is stopped."""
