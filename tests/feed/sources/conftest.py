"""The village's stage, for stories that end in a stream."""

from tests.intake.conftest import Staged, staged, staged_on_each_engine, village

__all__ = ["Staged", "staged", "staged_on_each_engine", "village"]
