"""Stages for stories of notices."""

from tests.intake.conftest import Staged, staged, staged_on_each_engine, village

__all__ = ["Staged", "staged", "staged_on_each_engine", "village"]
