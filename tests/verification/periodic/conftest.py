"""Stages for stories of periodic verification."""

from tests.intake.conftest import Staged, staged, staged_on_each_engine, village

__all__ = ["Staged", "staged", "staged_on_each_engine", "village"]
