"""The command `jisui`: every door for people at a terminal."""

from gateway.cli.app import main

__all__ = ["main"]
