"""The whole gateway with a list in it, and callers of every role in every place."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.strangers import Strangers
from tests.intake.stage import Stage, open_stage
from tests.intake.village import Village


@dataclass(frozen=True)
class Siege:
    """A stage with one school's list on it, as those outside see it."""

    stage: Stage
    strangers: Strangers
    intake_id: str
    handover_id: str


@pytest.fixture
def village() -> Village:
    """An empty village to fill."""
    return Village()


@pytest.fixture
async def siege(migrated_sqlite_url: str, tmp_path: Path, village: Village) -> AsyncIterator[Siege]:
    """One child matched and waiting for its school, on a list the county confirmed."""
    child = village.child(1)
    async with open_stage(migrated_sqlite_url, tmp_path, village) as stage:
        intake_id = await stage.submit([child.row()])
        await stage.work()
        handover = await stage.handover("1")
        yield Siege(stage, Strangers(stage.ground), intake_id, handover.handover_id)
