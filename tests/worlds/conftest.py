"""A small world, made once for all tests that look at it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.world_maker import Expected, make_world

MadeWorld = tuple[Path, Mapping[str, tuple[Expected, ...]]]


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> MadeWorld:
    """A hundred and forty children at two schools, every case among them."""
    folder = tmp_path_factory.mktemp("world")
    return folder, make_world(folder, 140, 11)
